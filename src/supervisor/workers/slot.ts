import { LimitTimer } from '../limit-timer.js';
import { NO_DEATHS, type SlotRecord } from './respawn-throttle.js';
import { noTotals, type SlotTotals } from './slot-totals.js';
import type { WorkerHandle } from './worker-handle.js';

/** A worker's place: it stays while its occupants come and go, and with it its queues. */
export interface Slot {
  readonly index: number;
  /** Empty on purpose: adaptive workers, or a server that rests. */
  cheaped: boolean;
  worker: WorkerHandle | undefined;
  /** Boots while `worker` still serves, and takes its place when it is ready. */
  replacement: WorkerHandle | undefined;
  /** Former occupants that finish their requests. */
  readonly retiring: Set<WorkerHandle>;
  record: SlotRecord;
  /** A successor has just failed to boot; milliseconds of performance.now(). */
  noRecycleBefore: number;
  /** Running while the slot waits for its next worker. */
  readonly respawn: LimitTimer;
  readonly totals: SlotTotals;
}

export function makeSlots(count: number): Slot[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    cheaped: false,
    worker: undefined,
    replacement: undefined,
    retiring: new Set<WorkerHandle>(),
    record: NO_DEATHS,
    noRecycleBefore: 0,
    respawn: new LimitTimer(),
    totals: noTotals(),
  }));
}

/** Every process that belongs to the slot. */
export function workersOf(slot: Slot): WorkerHandle[] {
  return [slot.worker, slot.replacement, ...slot.retiring].filter((worker) => worker !== undefined);
}

/** Takes a worker that is gone out of its slot; returns what it was there. */
export function leaveSlot(
  slot: Slot,
  worker: WorkerHandle,
): 'occupant' | 'replacement' | 'retired' {
  if (slot.retiring.delete(worker)) return 'retired';
  if (slot.replacement === worker) {
    slot.replacement = undefined;
    return 'replacement';
  }
  if (slot.worker === worker) slot.worker = undefined;
  return 'occupant';
}

/** uWSGI counts workers from 1. */
export function workerIdOf(slot: number): number {
  return slot + 1;
}
