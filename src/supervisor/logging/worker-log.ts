/** What the master has to do with the lines that workers write by themselves. */
import type { ScoreboardRow } from '../../ipc/scoreboard.js';
import type { DropSource } from './log-drops.js';
import { workerIdOf, workersOf, type Slot } from '../workers/slot.js';

function rowsOf(slot: Slot): ScoreboardRow[] {
  return workersOf(slot).flatMap(({ board }) => board?.row ?? []);
}

/** Workers that write to standard error, or into their pipe to the master. */
export function workerDropSources(slots: readonly Slot[]): DropSource[] {
  return slots.map((slot) => {
    const rows = rowsOf(slot);
    const { droppedRequestLines, droppedRecordLines } = slot.totals;
    return {
      name: `log of worker ${workerIdOf(slot.index)}`,
      dropped: rows.reduce(
        (sum, row) => sum + droppedIn(row),
        droppedRequestLines + droppedRecordLines,
      ),
      refusal: rows.some(waits) ? 'nobody reads it, or there is no room' : undefined,
      unused: !rows.some(hasWritten),
    };
  });
}

function droppedIn(row: ScoreboardRow): number {
  return row.get('LOG_DROPPED') + row.get('LOG_LINES_DROPPED');
}

function waits(row: ScoreboardRow): boolean {
  return row.get('LOG_WAITING') + row.get('LOG_LINES_WAITING') > 0;
}

/** A worker writes a record about its application before it tells anything in its row. */
function hasWritten(row: ScoreboardRow): boolean {
  return row.get('HEARTBEAT') > 0;
}

/** Request lines show how many requests the server had; a worker knows only its own. */
export function tellOtherRequests(slots: readonly Slot[]): void {
  const rows = slots.flatMap(rowsOf);
  const earlier = slots.reduce((sum, { totals }) => sum + totals.requests, 0);
  const all = rows.reduce((sum, row) => sum + row.get('REQUESTS'), earlier);
  for (const row of rows) row.set('OTHER_REQUESTS', all - row.get('REQUESTS'));
}
