import { LimitTimer } from './limit-timer.js';
import { NO_DEATHS, type SlotRecord } from './respawn-throttle.js';
import type { WorkerHandle } from './worker-handle.js';

/** A worker's place: it stays while its occupants come and go, and with it its queues. */
export interface Slot {
  readonly index: number;
  worker: WorkerHandle | undefined;
  record: SlotRecord;
  /** Running while the slot waits for its next worker. */
  readonly respawn: LimitTimer;
}

export function makeSlots(count: number): Slot[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    worker: undefined,
    record: NO_DEATHS,
    respawn: new LimitTimer(),
  }));
}

/** uWSGI counts workers from 1. */
export function workerIdOf(slot: number): number {
  return slot + 1;
}
