/** How busy workers are, from what they write into the scoreboard. */
import { BEAT_MS } from '../../ipc/scoreboard.js';
import type { ScoreboardRow } from '../../ipc/scoreboard.js';

type Row = Pick<ScoreboardRow, 'get'>;

/** A heartbeat that is this late comes from an event loop that has not turned since: it is busy all the time. */
const LATE_MS = 4 * BEAT_MS + 500;

/** For how long the worker's event loop has not come back, in milliseconds; 0: it turns. `now`: of `monotonicMs`. */
export function overdueMs(row: Row, now: number): number {
  const heartbeat = row.get('HEARTBEAT');
  const silent = heartbeat === 0 ? 0 : now - heartbeat;
  return silent > LATE_MS ? silent - BEAT_MS : 0;
}

/** Share of its time that the worker's JavaScript thread used of late: 0 to 1. `now`: of `monotonicMs`. */
export function busyShare(row: Row, now: number): number {
  if (overdueMs(row, now) > 0) return 1;
  return Math.min(1, Math.max(0, row.get('LOOP_UTILISATION')));
}
