/** The cache as the functions of the package need it: in shared memory, or in the process's own. */

export type CacheKey = string | Uint8Array;
export type CacheValue = string | Uint8Array;

/** What a call came to. `full`, `key`, `value`, `number`, `range` and `busy` become errors. */
export type CacheOutcome =
  'ok' | 'exists' | 'absent' | 'full' | 'key' | 'value' | 'number' | 'range' | 'busy';

export type PutRule = 'always' | 'if-absent' | 'if-present';
export type MathOperation = 'add' | 'multiply' | 'divide';

export interface CacheLimits {
  readonly name: string;
  readonly items: number;
  readonly blocks: number;
  readonly blockBytes: number;
  readonly keyBytes: number;
  /** Of the longest value. */
  readonly valueBytes: number;
}

export interface CacheStats {
  readonly items: number;
  readonly usedBlocks: number;
  readonly hits: number;
  readonly misses: number;
  /** Writes for which there was no room. */
  readonly full: number;
  /** Items that made room for others (`lru`). */
  readonly evicted: number;
  readonly expired: number;
  /** How often a worker died while it wrote. */
  readonly recoveries: number;
}

/** Times to live are in milliseconds; 0: for ever, or, in calculations, as long as before. */
export interface CacheBackend {
  readonly limits: CacheLimits;
  get(key: CacheKey): Buffer | CacheOutcome;
  exists(key: CacheKey): CacheOutcome;
  put(key: CacheKey, value: CacheValue, ttlMs: number, rule: PutRule): CacheOutcome;
  remove(key: CacheKey): CacheOutcome;
  clear(): CacheOutcome;
  calculate(
    key: CacheKey,
    operation: MathOperation,
    operand: number,
    ttlMs: number,
  ): number | CacheOutcome;
  keys(): readonly string[] | CacheOutcome;
  stats(): CacheStats | CacheOutcome;
}
