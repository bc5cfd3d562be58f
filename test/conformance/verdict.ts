import {
  matchesStatus,
  type ExpectedResponse,
  type HeaderRule,
  type Outcome,
  type WireCase,
} from './case-types.js';
import { encodeBytes } from './escapes.js';
import { headerValues, type WireResponse } from './response-reader.js';
import type { Transcript } from './wire-client.js';

/** What happened on a case's connection. */
export interface Observation {
  readonly transcript: Transcript;
  /** The answer to the request that checks whether the connection is usable; undefined: not sent or not answered. */
  readonly probe: WireResponse | undefined;
  readonly probed: boolean;
  /** The limit passed while an answer or the connection's end was due. */
  readonly hung: boolean;
}

export interface Verdict {
  readonly wire: WireCase;
  readonly pass: boolean;
  readonly smuggled: boolean;
  readonly hung: boolean;
  /** Empty where the case passed. */
  readonly reason: string;
}

export const PROBE_SEEN = 'GET /probe';
const HIDDEN = /^\S+ (?:http:\/\/[^/]*)?\/hidden/;

/**
 * `reached` lists the requests that the application ran for this connection, in order, as `METHOD TARGET`.
 * `own` adds the corpus' choices for this server (`here`).
 */
export function judge(
  wire: WireCase,
  observation: Observation,
  reached: readonly string[],
  own: boolean,
): Verdict {
  const { transcript, hung } = observation;
  const smuggled = [...reached, ...transcript.responses.map(seenBy)].some((seen) =>
    HIDDEN.test(seen),
  );
  const reason = smuggled
    ? `a hidden request ran: ${reached.join(', ')}`
    : (faultOf(observation) ??
      bestMismatch(wire, observation, reached) ??
      choiceMismatch(wire, observation, own));
  return { wire, pass: reason === undefined, smuggled, hung, reason: reason ?? '' };
}

function faultOf({ transcript, hung }: Observation): string | undefined {
  if (transcript.junk) return 'bytes that are no response';
  const faults = transcript.responses.flatMap((response) => response.faults);
  if (faults.length > 0) return faults.join('; ');
  return hung ? `no answer and no close; ${describe(transcript)}` : undefined;
}

/** undefined where one outcome matches, else why the first one does not. */
function bestMismatch(
  wire: WireCase,
  observation: Observation,
  reached: readonly string[],
): string | undefined {
  const reasons = wire.outcomes.map((outcome) => outcomeMismatch(outcome, observation, reached));
  return reasons.includes(undefined) ? undefined : reasons[0];
}

function outcomeMismatch(
  outcome: Outcome,
  observation: Observation,
  reached: readonly string[],
): string | undefined {
  const { transcript } = observation;
  return (
    responsesMismatch(outcome, transcript.responses) ??
    endingMismatch(outcome, observation) ??
    reachMismatch(outcome, reached)
  );
}

/** Also used while a case runs, to see whether an outcome is complete. */
export function responsesMismatch(
  outcome: Outcome,
  responses: readonly WireResponse[],
): string | undefined {
  const rest = [...responses];
  for (const expected of outcome.responses) {
    const actual = rest[0];
    if (
      expected.optional &&
      (actual === undefined || !matchesStatus(expected.statuses, actual.status))
    )
      continue;
    if (actual === undefined) return `a response is missing; ${list(responses)}`;
    const mismatch = responseMismatch(expected, actual);
    if (mismatch !== undefined) return mismatch;
    rest.shift();
  }
  return rest.length > 0 ? `more responses than requests; ${list(responses)}` : undefined;
}

function responseMismatch(expected: ExpectedResponse, actual: WireResponse): string | undefined {
  if (!matchesStatus(expected.statuses, actual.status)) return `status ${actual.status}`;
  if (!actual.complete && !expected.cut) return `response ${actual.status} was cut`;
  if (expected.cut && actual.complete) return `response ${actual.status} was not cut`;
  const seen = seenBy(actual);
  if (expected.seen !== undefined && seen !== expected.seen)
    return `the application saw ${seen || 'nothing'}`;
  if (expected.body !== undefined && !expected.body.equals(actual.body))
    return `body ${encodeBytes(actual.body)}`;
  if (expected.framing !== undefined && expected.framing !== actual.framing)
    return `framing ${actual.framing}`;
  return expected.headers
    .map((rule) => headerMismatch(rule, actual))
    .find((text) => text !== undefined);
}

function headerMismatch(rule: HeaderRule, actual: WireResponse): string | undefined {
  const values = headerValues(actual, rule.name);
  const shown = `${rule.name}: ${values.join(' / ') || '(missing)'}`;
  switch (rule.kind) {
    case 'present':
      return values.length === 1 ? undefined : shown;
    case 'absent':
      return values.length === 0 ? undefined : shown;
    case 'equals':
      return values.length === 1 && values[0] === rule.value ? undefined : shown;
    case 'matches':
      return values.length === 1 && rule.pattern.test(values[0] ?? '') ? undefined : shown;
  }
}

function endingMismatch(outcome: Outcome, observation: Observation): string | undefined {
  const { closed } = observation.transcript;
  const alive = observation.probe !== undefined && seenBy(observation.probe) === PROBE_SEEN;
  switch (outcome.ending) {
    case 'close':
    case 'idle-close':
      return closed && !observation.probed ? undefined : 'the connection stayed open';
    case 'keep':
      return alive ? undefined : 'the connection was not usable afterwards';
    case 'any':
      return alive || closed ? undefined : 'the connection neither closed nor answered';
  }
}

/** Servers may run pipelined requests at the same time: the order counts in the responses only. */
function reachMismatch(outcome: Outcome, reached: readonly string[]): string | undefined {
  const finals = outcome.responses.filter((response) =>
    response.statuses.every(({ from }) => from >= 200),
  );
  if (!finals.every((response) => response.seen !== undefined || isServersOwn(response)))
    return undefined;
  const wanted = finals.flatMap(({ seen }) => (seen === undefined ? [] : [seen])).sort();
  const actual = reached.filter((seen) => seen !== PROBE_SEEN).sort();
  if (wanted.join('\n') === actual.join('\n')) return undefined;
  return `the application ran ${actual.join(', ') || 'nothing'}`;
}

/** The server answered instead of the application; a 500 may be either's. */
function isServersOwn({ statuses }: ExpectedResponse): boolean {
  return statuses.every(({ from }) => from >= 400 && from !== 500);
}

function choiceMismatch(
  wire: WireCase,
  { transcript }: Observation,
  own: boolean,
): string | undefined {
  if (!own || wire.here.length === 0) return undefined;
  const first = transcript.responses.find(({ status }) => status >= 200);
  if (first !== undefined && matchesStatus(wire.here, first.status)) return undefined;
  return `status ${first?.status ?? 'none'}, not this server's choice`;
}

export function seenBy(response: WireResponse): string {
  return headerValues(response, 'x-seen').join(', ');
}

function describe({ responses, closed }: Transcript): string {
  return `${list(responses)}, ${closed ? 'closed' : 'open'}`;
}

function list(responses: readonly WireResponse[]): string {
  return `answered ${responses.map(({ status }) => status).join(' ') || 'nothing'}`;
}
