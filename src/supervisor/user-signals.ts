/** Who gets a signal of the application. Targets are uWSGI's. */

export interface Candidate {
  readonly workerId: number;
  /** Requests that it has and has not answered. */
  readonly inFlight: number;
}

/** `candidates`: workers that are ready and have a handler. */
export function signalReceivers<T extends Candidate>(
  target: string,
  candidates: readonly T[],
): T[] {
  if (target === 'workers' || target === 'active-workers') return [...candidates];
  const id = /^worker([1-9]\d*)$/.exec(target)?.[1];
  if (id !== undefined) return candidates.filter(({ workerId }) => workerId === Number(id));
  const first = leastBusy(candidates);
  return first === undefined ? [] : [first];
}

/** The one that has least to do; of several the one with the lowest id. */
export function leastBusy<T extends Candidate>(candidates: readonly T[]): T | undefined {
  return [...candidates].sort(
    (one, other) => one.inFlight - other.inFlight || one.workerId - other.workerId,
  )[0];
}
