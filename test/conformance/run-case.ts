import type { Outcome, WireCase } from './case-types.js';
import { responsesMismatch, type Observation } from './verdict.js';
import { WireClient, type WireAddress } from './wire-client.js';

/** How a case's bytes are cut into writes. */
export type Delivery = 'whole' | 'bytewise';

export interface CaseLimits {
  /** Until an answer or the connection's end: longer than the timeouts that the servers are started with. */
  readonly answerMs: number;
  /** From the last answer to the close that has to follow at once: shorter than the servers' keep-alive timeout. */
  readonly closeMs: number;
}

export const DEFAULT_LIMITS: CaseLimits = { answerMs: 12_000, closeMs: 4000 };

/** Heads over this length would need very many writes byte by byte. */
const BYTEWISE_MAXIMUM = 3000;
const LONG_PIECE = 997;
const PROBE = Buffer.from('GET /probe HTTP/1.1\r\nHost: probe.test\r\nConnection: close\r\n\r\n');

/** Plays one case on a connection of its own. */
export async function runCase(
  wire: WireCase,
  to: WireAddress,
  from: string,
  delivery: Delivery,
  limits: CaseLimits = DEFAULT_LIMITS,
): Promise<Observation> {
  const client = await WireClient.open(to, from, answersHead(wire));
  try {
    await play(wire, client, delivery, limits);
    return await conclude(wire, client, limits);
  } finally {
    client.destroy();
  }
}

function answersHead(wire: WireCase): (index: number) => boolean {
  const flags = wire.outcomes.map((outcome) =>
    outcome.responses
      .filter(({ statuses }) => statuses.every(({ from }) => from >= 200))
      .map(({ head }) => head),
  );
  return (index) => flags.some((outcome) => outcome[index] === true);
}

async function play(
  wire: WireCase,
  client: WireClient,
  delivery: Delivery,
  limits: CaseLimits,
): Promise<void> {
  let awaited = 0;
  for (const step of wire.steps) {
    switch (step.kind) {
      case 'send':
        await client.send(step.bytes, pieceLength(step.bytes, delivery));
        break;
      case 'half-close':
        client.halfClose();
        break;
      case 'wait':
        awaited += 1;
        await client.waitFor(() => client.reader.responses.length >= awaited, limits.answerMs);
    }
  }
}

function pieceLength(bytes: Buffer, delivery: Delivery): number {
  if (delivery === 'whole') return Math.max(bytes.length, 1);
  return bytes.length <= BYTEWISE_MAXIMUM ? 1 : LONG_PIECE;
}

async function conclude(
  wire: WireCase,
  client: WireClient,
  limits: CaseLimits,
): Promise<Observation> {
  const settled = (): boolean => client.reader.junk || isSettled(wire, client);
  await client.waitFor(settled, limits.answerMs);
  const outcome = filled(wire, client)[0];
  const hung = !client.closed && !settled();
  if (outcome === undefined || hung) return observe(client, hung);
  if (mustClose(outcome)) {
    const closeMs = outcome.ending === 'close' ? limits.closeMs : limits.answerMs;
    await client.waitFor(() => client.closed, closeMs);
    return observe(client, outcome.ending === 'idle-close' && !client.closed);
  }
  return probe(client, limits);
}

/** The outcomes whose responses are those that have come. */
function filled(wire: WireCase, { reader }: WireClient): Outcome[] {
  if (reader.inMessage) return [];
  return wire.outcomes.filter(
    (outcome) => responsesMismatch(outcome, reader.responses) === undefined,
  );
}

/** An outcome is there, and none in which more responses follow can still come. */
function isSettled(wire: WireCase, client: WireClient): boolean {
  const { responses } = client.reader;
  const mayGrow = wire.outcomes.some((outcome) =>
    outcome.responses.some((_, count) => {
      const beginning = { ...outcome, responses: outcome.responses.slice(0, count) };
      return responsesMismatch(beginning, responses) === undefined;
    }),
  );
  return filled(wire, client).length > 0 && !mayGrow;
}

function mustClose(outcome: Outcome): boolean {
  return outcome.ending === 'close' || outcome.ending === 'idle-close';
}

function observe(client: WireClient, hung: boolean): Observation {
  return { transcript: client.transcript(), probe: undefined, probed: false, hung };
}

/** Asks once more on the same connection: what comes next has to be the answer to that. */
async function probe(client: WireClient, limits: CaseLimits): Promise<Observation> {
  const before = client.transcript();
  if (before.closed) return { transcript: before, probe: undefined, probed: false, hung: false };
  const { finalCount, responses } = client.reader;
  const count = responses.length;
  await client.send(PROBE, PROBE.length);
  await client.waitFor(
    () => client.reader.finalCount > finalCount || client.reader.junk,
    limits.answerMs,
  );
  const after = client.transcript();
  const hung = !after.closed && after.responses.length === count && !after.junk;
  return {
    transcript: { ...before, closed: after.closed, junk: after.junk },
    probe: after.responses[count],
    probed: !(after.closed && after.responses.length === count),
    hung,
  };
}
