/** What the master has to do with the lines that workers write by themselves. */
import type { ScoreboardRow } from '../../ipc/scoreboard.js';
import type { DropSource } from './log-drops.js';
import { workerIdOf, workersOf, type Slot } from '../workers/slot.js';

function rowsOf(slot: Slot): ScoreboardRow[] {
  return workersOf(slot).flatMap(({ board }) => board?.row ?? []);
}

/** Workers that write to standard error, or into their pipe to the master. */
export function workerDropSources(slots: readonly Slot[]): DropSource[] {
  return slots.flatMap((slot) => {
    const rows = slot.worker?.board?.row;
    if (rows === undefined) return [];
    const waiting = rows.get('LOG_WAITING') > 0;
    return {
      name: `log of worker ${workerIdOf(slot.index)}`,
      dropped: rows.get('LOG_DROPPED') + rows.get('LOG_LINES_DROPPED'),
      refusal: waiting ? 'nobody reads it, or there is no room' : undefined,
    };
  });
}

/** Request lines show how many requests the server had; a worker knows only its own. */
export function tellOtherRequests(slots: readonly Slot[]): void {
  const rows = slots.flatMap(rowsOf);
  const earlier = slots.reduce((sum, { totals }) => sum + totals.requests, 0);
  const all = rows.reduce((sum, row) => sum + row.get('REQUESTS'), earlier);
  for (const row of rows) row.set('OTHER_REQUESTS', all - row.get('REQUESTS'));
}
