/** The part of the addon's face that is memory shared between processes (native/shared). */
import type { CacheStats } from '../app/cache-backend.js';

/** How a cache's memory is divided; every process that maps it says the same. */
export interface SharedCacheOptions {
  readonly items: number;
  readonly blocks: number;
  readonly blockBytes: number;
  /** Of the longest key. */
  readonly keyBytes: number;
  /** A value may take several neighbouring blocks. */
  readonly severalBlocks: boolean;
  /** The item that was not used for the longest time makes room. */
  readonly evicts: boolean;
}

/** What a call on a cache says; the same numbers as in native/shared/shared_cache.h. */
export const CacheStatus = {
  OK: 0,
  EXISTS: 1,
  ABSENT: 2,
  FULL: 3,
  KEY_TOO_LONG: 4,
  VALUE_TOO_LONG: 5,
  NOT_A_NUMBER: 6,
  OUT_OF_RANGE: 7,
  /** Another process holds the cache and does not go on. */
  BUSY: 8,
} as const;

/** A cache in memory that processes share. Strings are UTF-8. Numbers instead of what was asked for are a CacheStatus. */
export interface NativeSharedCache {
  get(key: string | Uint8Array): Buffer | number;
  exists(key: string | Uint8Array): number;
  /** `when`: 0 always, 1 only a new key, 2 only a known one. `ttlMs` 0: for ever. */
  put(key: string | Uint8Array, value: string | Uint8Array, ttlMs: number, when: 0 | 1 | 2): number;
  remove(key: string | Uint8Array): number;
  clear(): number;
  /** `operation`: 0 adds, 1 multiplies, 2 divides. The result is `out[0]`. */
  calculate(
    key: string | Uint8Array,
    operation: 0 | 1 | 2,
    operand: number,
    ttlMs: number,
    out: Float64Array,
  ): number;
  keys(): string[] | number;
  /** Waits for the cache no longer than `limitMs`: a second without it. */
  stats(limitMs?: number): CacheStats | number;
}

/** Locks that processes share; a holder is a process, named by its pid. */
export interface NativeLockTable {
  /** false where it is held, also by this process. */
  tryLock(lock: number, pid: number): boolean;
  /** false where `pid` does not hold it. */
  unlock(lock: number, pid: number): boolean;
  /** Unlocks what a dead process held; how many locks that were. */
  releaseAll(pid: number): number;
  /** 0: nobody. */
  holder(lock: number): number;
  /** Read it before `tryLock`, for `waitRelease`. */
  releases(): number;
  /** Until a lock was unlocked since `releases()` was `seen`, at most `limitMs`; occupies a thread of libuv's pool. */
  waitRelease(seen: number, limitMs: number): Promise<void>;
}
