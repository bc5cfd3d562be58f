import type { WireCase } from './case-types.js';
import { readLog } from './servers/behaviour.js';
import type { ServerUnderTest } from './servers/server.js';
import { DEFAULT_LIMITS, runCase, type CaseLimits, type Delivery } from './run-case.js';
import { judge, type Observation, type Verdict } from './verdict.js';

export interface RunOptions {
  readonly delivery: Delivery;
  readonly limits?: CaseLimits;
  /** Cases that run at the same time. */
  readonly concurrency?: number;
}

/**
 * Runs every case that has a meaning for the server. Each comes from a loopback address of its own, by which the
 * application's log tells afterwards what ran for it.
 */
export async function runCorpus(
  cases: readonly WireCase[],
  server: ServerUnderTest,
  { delivery, limits = DEFAULT_LIMITS, concurrency = 16 }: RunOptions,
): Promise<Verdict[]> {
  const meant = cases.filter(
    ({ skip, whole }) => !skip.includes(server.kind) && (delivery === 'whole' || !whole),
  );
  const observations = new Map<WireCase, Observation>();
  const queue = [...meant];
  const runNext = async (): Promise<void> => {
    for (let wire = queue.shift(); wire !== undefined; wire = queue.shift()) {
      const from = addressOf(cases.indexOf(wire), delivery);
      observations.set(wire, await runCase(wire, server.address, from, delivery, limits));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, runNext));
  const reached = readLog(server.log);
  return meant.map((wire) => {
    const peer = addressOf(cases.indexOf(wire), delivery);
    const observation = observations.get(wire) as Observation;
    return judge(wire, observation, reached.get(peer) ?? [], server.kind === 'native');
  });
}

function addressOf(index: number, delivery: Delivery): string {
  const host = index + 1;
  return `127.${delivery === 'whole' ? 1 : 2}.${host >> 8}.${host & 255}`;
}
