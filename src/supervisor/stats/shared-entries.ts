/** Locks, caches and crons as uWSGI's statistics have them. Pure. */
import type { CronNumbers } from '../../util/cron-time.js';
import type { CacheFigures, CronStats, SharedStats } from './stats-facts.js';

/** The pid that holds it. Locks of uWSGI's own parts are not here. */
export function lockEntry(holder: number, lock: number) {
  return { [`user ${lock}`]: holder };
}

/** Without `hash` and `hashsize`, which are the cache's own affair. */
export function cacheEntry({ settings, figures }: SharedStats['caches'][number]) {
  const { name, keyBytes, items, blocks, blockBytes } = settings;
  return {
    name,
    keysize: keyBytes,
    max_items: items,
    blocks,
    blocksize: blockBytes,
    ...(figures === undefined ? { busy: 1 } : figuresEntry(figures)),
  };
}

/** When an item was written is not kept, which uWSGI writes as 0. */
function figuresEntry(figures: CacheFigures) {
  const { items, hits, misses, full, usedBlocks, evicted, expired, recoveries } = figures;
  return {
    ...{ items, hits, miss: misses, full, last_modified_at: 0 },
    ...{ used_blocks: usedBlocks, evicted, expired, recoveries },
  };
}

/** Times in the form of crontab(5) are no numbers: they stand in a text of our own. */
export function cronEntry({ setting, pid, startedAt }: CronStats) {
  const { time, command, unique } = setting;
  return {
    ...(typeof time === 'string' ? { time } : numbersEntry(time)),
    command,
    unique: unique ? 1 : 0,
    legion: '',
    pid: pid === 0 ? -1 : pid,
    started_at: Math.floor(startedAt / 1000),
  };
}

function numbersEntry({ minute, hour, day, month, weekday }: CronNumbers) {
  return { minute, hour, day, month, week: weekday };
}
