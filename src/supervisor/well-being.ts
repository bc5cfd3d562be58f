/** Whether the server as a whole answers, for a service manager's watchdog. */
import { BEAT_MS, monotonicMs } from '../ipc/scoreboard.js';
import type { Slot } from './workers/slot.js';

/** A heartbeat that is older belongs to an event loop that stands still. */
const STUCK_MS = 8 * BEAT_MS;

export interface WellBeing {
  readonly counts: () => { readonly ready: number; readonly wanted: number };
  readonly isWell: () => boolean;
}

/** One process that answers is enough: it serves the queues of the others. Empty places on purpose are no illness. */
export function wellBeing(slots: readonly Slot[], now: () => number = monotonicMs): WellBeing {
  const wanted = (): readonly Slot[] => slots.filter(({ cheaped }) => !cheaped);
  const ready = (): readonly Slot[] => slots.filter(({ worker }) => worker?.state === 'ready');
  return {
    counts: () => ({ ready: ready().length, wanted: wanted().length }),
    isWell: () => wanted().length === 0 || ready().some((slot) => !isStuck(slot, now())),
  };
}

/** Without a heartbeat, as routers are, nothing is known. */
function isStuck({ worker }: Slot, now: number): boolean {
  const beat = worker?.board?.row.get('HEARTBEAT') ?? 0;
  return beat > 0 && now - beat > STUCK_MS;
}
