/** Which worker serves which queue. Pure: numbers in, numbers out. */

/** Slot that owns the queue with this index; undefined: a shared queue, which every worker polls unasked. */
export type Owners = readonly (number | undefined)[];

/** Slot that polls the queue with this index; undefined while no worker is ready, and always for a shared queue. */
export type Assignment = readonly (number | undefined)[];

/** Queue numbers by slot. */
export type QueuesBySlot = ReadonlyMap<number, readonly number[]>;

export interface AssignmentChange {
  readonly adopt: QueuesBySlot;
  readonly release: QueuesBySlot;
}

function countLoad(assignment: Assignment): Map<number, number> {
  const load = new Map<number, number>();
  for (const slot of assignment) {
    if (slot !== undefined) load.set(slot, (load.get(slot) ?? 0) + 1);
  }
  return load;
}

/** The ready slot with the fewest queues; among equals the first one after `owner`, so that the load spreads. */
function leastLoaded(
  owner: number,
  ready: ReadonlySet<number>,
  load: ReadonlyMap<number, number>,
): number | undefined {
  const order = [...ready].sort((a, b) => a - b);
  const next = order.findIndex((slot) => slot > owner);
  const rotated = next < 0 ? order : [...order.slice(next), ...order.slice(0, next)];
  let best: number | undefined;
  for (const slot of rotated) {
    if (best === undefined || (load.get(slot) ?? 0) < (load.get(best) ?? 0)) best = slot;
  }
  return best;
}

/**
 * Every queue goes to its own slot's worker where that is ready; else it stays with the neighbour that has it while
 * that one is ready; else to the ready neighbour with the fewest queues.
 */
export function assignQueues(
  owners: Owners,
  ready: ReadonlySet<number>,
  current: Assignment,
): Assignment {
  const next: (number | undefined)[] = owners.map((owner, queue) => {
    if (owner === undefined || ready.has(owner)) return owner;
    const server = current[queue];
    return server !== undefined && ready.has(server) ? server : undefined;
  });
  const load = countLoad(next);
  for (const [queue, owner] of owners.entries()) {
    if (owner === undefined || next[queue] !== undefined) continue;
    const slot = leastLoaded(owner, ready, load);
    if (slot === undefined) continue;
    next[queue] = slot;
    load.set(slot, (load.get(slot) ?? 0) + 1);
  }
  return next;
}

/**
 * What to tell the workers. A worker polls its own queues without being told; a worker that is not ready any more is
 * not told anything.
 */
export function assignmentChange(
  owners: Owners,
  before: Assignment,
  after: Assignment,
  ready: ReadonlySet<number>,
): AssignmentChange {
  const adopt = new Map<number, number[]>();
  const release = new Map<number, number[]>();
  const note = (into: Map<number, number[]>, slot: number | undefined, queue: number): void => {
    if (slot === undefined || slot === owners[queue] || !ready.has(slot)) return;
    const queues = into.get(slot);
    if (queues === undefined) into.set(slot, [queue]);
    else queues.push(queue);
  };
  for (const queue of owners.keys()) {
    if (before[queue] === after[queue]) continue;
    note(adopt, after[queue], queue);
    note(release, before[queue], queue);
  }
  return { adopt, release };
}
