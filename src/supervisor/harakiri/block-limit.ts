import type { ScoreboardRow } from '../../ipc/scoreboard.js';

/**
 * How long a worker's event loop may stand still, in milliseconds; Infinity: for ever. `configuredMs`: `--harakiri`, 0
 * without. Requests may have limits of their own. A call that blocks has its own one or the configured one; behind an
 * `await` nobody knows whose code runs, so the longest limit counts.
 */
export function blockLimitMs(row: Pick<ScoreboardRow, 'get'>, configuredMs: number): number {
  const configured = configuredMs === 0 ? Infinity : configuredMs;
  if (row.get('CALL_LENGTH') > 0) return row.get('CALL_LIMIT') || configured;
  const longest = row.get('LONGEST_LIMIT');
  if (longest === 0) return configured;
  // Without --harakiri only requests that ask for a limit have one.
  return configuredMs === 0 ? longest : Math.max(configured, longest);
}
