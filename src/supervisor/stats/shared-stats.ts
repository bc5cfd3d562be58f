/** Looks at the locks and caches of the application, which the master has in its memory as the workers have. */
import type { NamedCache } from '../../binding/application-memory.js';
import type { NativeLockTable, NativeSharedCache } from '../../binding/native.js';
import type { SharedStats } from './stats-facts.js';

/** What of ApplicationMemory is looked at. */
export interface ObservedMemory {
  readonly locks: Pick<NativeLockTable, 'holder'>;
  readonly lockCount: number;
  readonly caches: readonly {
    readonly settings: NamedCache['settings'];
    readonly cache: Pick<NativeSharedCache, 'stats'>;
  }[];
}

/**
 * A cache is held for microseconds. Who waits longer finds a process that was stopped while it held it, and the
 * statistics are to be answered then too.
 */
const LONGEST_WAIT_MS = 5;

const NOTHING: SharedStats = { locks: [], caches: [] };

export function sharedStats(memory: ObservedMemory | undefined): SharedStats {
  if (memory === undefined) return NOTHING;
  const { locks, lockCount, caches } = memory;
  return {
    locks: Array.from({ length: lockCount }, (_, lock) => locks.holder(lock)),
    caches: caches.map(({ settings, cache }) => {
      const figures = cache.stats(LONGEST_WAIT_MS);
      return { settings, figures: typeof figures === 'number' ? undefined : figures };
    }),
  };
}
