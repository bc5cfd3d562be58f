/** Which worker leaves when there are too many, and who goes on with its connections. Pure: the caller brings the facts. */

export interface Candidate {
  readonly slot: number;
  /** Requests that are not answered. */
  readonly inFlight: number;
  readonly connections: number;
  /** When it became ready; any clock. */
  readonly readyAt: number;
}

export interface Farewell {
  readonly slot: number;
  /** Slot whose worker takes the idle connections. */
  readonly handTo: number;
}

/**
 * As in uWSGI the oldest idle worker leaves, which makes it a rotation; where none is idle, the one with the fewest
 * requests. undefined where nobody would be left.
 */
export function chooseVictim(ready: readonly Candidate[]): Farewell | undefined {
  const [victim] = ready.toSorted((a, b) => a.inFlight - b.inFlight || a.readyAt - b.readyAt);
  const [taker] = ready
    .filter(({ slot }) => slot !== victim?.slot)
    .sort((a, b) => a.connections - b.connections || a.slot - b.slot);
  if (victim === undefined || taker === undefined) return undefined;
  return { slot: victim.slot, handTo: taker.slot };
}
