import type {
  CacheBackend,
  CacheKey,
  CacheLimits,
  CacheOutcome,
  CacheStats,
  CacheValue,
  MathOperation,
  PutRule,
} from '../app/cache-backend.js';
import type { NamedCache } from '../binding/application-memory.js';
import { CacheStatus, type NativeSharedCache } from '../binding/native-shared.js';

const OUTCOMES: Readonly<Record<number, CacheOutcome>> = {
  [CacheStatus.OK]: 'ok',
  [CacheStatus.EXISTS]: 'exists',
  [CacheStatus.ABSENT]: 'absent',
  [CacheStatus.FULL]: 'full',
  [CacheStatus.KEY_TOO_LONG]: 'key',
  [CacheStatus.VALUE_TOO_LONG]: 'value',
  [CacheStatus.NOT_A_NUMBER]: 'number',
  [CacheStatus.OUT_OF_RANGE]: 'range',
  [CacheStatus.BUSY]: 'busy',
};

const RULES = { always: 0, 'if-absent': 1, 'if-present': 2 } as const;
const OPERATIONS = { add: 0, multiply: 1, divide: 2 } as const;

function outcome(status: number): CacheOutcome {
  return OUTCOMES[status] ?? 'busy';
}

/** A cache of `--cache2`. */
export class SharedCacheBackend implements CacheBackend {
  readonly limits: CacheLimits;
  readonly #cache: NativeSharedCache;
  readonly #result = new Float64Array(1);

  constructor({ settings, cache }: NamedCache) {
    const { name, items, blocks, blockBytes, keyBytes, severalBlocks } = settings;
    const valueBytes = severalBlocks ? blocks * blockBytes : blockBytes;
    this.limits = { name, items, blocks, blockBytes, keyBytes, valueBytes };
    this.#cache = cache;
  }

  get(key: CacheKey): Buffer | CacheOutcome {
    const value = this.#cache.get(key);
    return typeof value === 'number' ? outcome(value) : value;
  }

  exists(key: CacheKey): CacheOutcome {
    return outcome(this.#cache.exists(key));
  }

  put(key: CacheKey, value: CacheValue, ttlMs: number, rule: PutRule): CacheOutcome {
    return outcome(this.#cache.put(key, value, ttlMs, RULES[rule]));
  }

  remove(key: CacheKey): CacheOutcome {
    return outcome(this.#cache.remove(key));
  }

  clear(): CacheOutcome {
    return outcome(this.#cache.clear());
  }

  calculate(
    key: CacheKey,
    operation: MathOperation,
    operand: number,
    ttlMs: number,
  ): number | CacheOutcome {
    const result = this.#result;
    const status = this.#cache.calculate(key, OPERATIONS[operation], operand, ttlMs, result);
    return status === CacheStatus.OK ? (result[0] ?? 0) : outcome(status);
  }

  keys(): readonly string[] | CacheOutcome {
    const keys = this.#cache.keys();
    return typeof keys === 'number' ? outcome(keys) : keys;
  }

  stats(): CacheStats | CacheOutcome {
    const stats = this.#cache.stats();
    return typeof stats === 'number' ? outcome(stats) : stats;
  }
}
