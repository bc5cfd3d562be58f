/** How busy workers are, from what they write into the scoreboard. */
import { BEAT_MS } from '../../ipc/scoreboard.js';
import type { ScoreboardRow } from '../../ipc/scoreboard.js';

/** A heartbeat that is this late comes from an event loop that has not turned since: it is busy all the time. */
const LATE_MS = 4 * BEAT_MS + 500;

/** Share of its time that the worker's JavaScript thread used of late: 0 to 1. `now`: of `monotonicMs`. */
export function busyShare(row: Pick<ScoreboardRow, 'get'>, now: number): number {
  const heartbeat = row.get('HEARTBEAT');
  if (heartbeat === 0) return 0;
  if (now - heartbeat > LATE_MS) return 1;
  return Math.min(1, Math.max(0, row.get('LOOP_UTILISATION')));
}
