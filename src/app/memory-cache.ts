import type {
  CacheBackend,
  CacheKey,
  CacheLimits,
  CacheOutcome,
  CacheStats,
  CacheValue,
  MathOperation,
  PutRule,
} from './cache-backend.js';

interface Item {
  readonly value: Buffer;
  /** Milliseconds of performance.now(); 0: never. */
  readonly expires: number;
}

const UNLIMITED: CacheLimits = {
  name: 'default',
  items: Infinity,
  blocks: Infinity,
  blockBytes: 1,
  keyBytes: Infinity,
  valueBytes: Infinity,
};

/** A cache in the process's own memory, without limits: what applications get where no server runs. */
export class MemoryCache implements CacheBackend {
  readonly limits: CacheLimits;
  readonly #items = new Map<string, Item>();
  readonly #counts = { hits: 0, misses: 0, expired: 0 };

  constructor(name: string) {
    this.limits = { ...UNLIMITED, name };
  }

  get(key: CacheKey): Buffer | CacheOutcome {
    const item = this.#find(key);
    this.#counts[item === undefined ? 'misses' : 'hits'] += 1;
    return item === undefined ? 'absent' : Buffer.from(item.value);
  }

  exists(key: CacheKey): CacheOutcome {
    return this.#find(key) === undefined ? 'absent' : 'ok';
  }

  put(key: CacheKey, value: CacheValue, ttlMs: number, rule: PutRule): CacheOutcome {
    const known = this.#find(key) !== undefined;
    if (known && rule === 'if-absent') return 'exists';
    if (!known && rule === 'if-present') return 'absent';
    this.#store(key, value, ttlMs > 0 ? performance.now() + ttlMs : 0);
    return 'ok';
  }

  remove(key: CacheKey): CacheOutcome {
    const known = this.#find(key) !== undefined;
    this.#items.delete(nameOf(key));
    return known ? 'ok' : 'absent';
  }

  clear(): CacheOutcome {
    this.#items.clear();
    return 'ok';
  }

  calculate(
    key: CacheKey,
    operation: MathOperation,
    operand: number,
    ttlMs: number,
  ): number | CacheOutcome {
    const item = this.#find(key);
    const text = item === undefined ? '0' : item.value.toString('latin1');
    if (!/^-?\d+$/.test(text)) return 'number';
    const result = compute(operation, Number(text), operand);
    if (!Number.isSafeInteger(result)) return 'range';
    const expires = ttlMs > 0 ? performance.now() + ttlMs : (item?.expires ?? 0);
    this.#store(key, String(result), expires);
    return result;
  }

  keys(): readonly string[] {
    return [...this.#items.keys()]
      .filter((name) => this.#live(name) !== undefined)
      .map((name) => Buffer.from(name, 'latin1').toString());
  }

  stats(): CacheStats {
    const items = this.keys().length;
    return { items, usedBlocks: 0, ...this.#counts, full: 0, evicted: 0, recoveries: 0 };
  }

  #find(key: CacheKey): Item | undefined {
    return this.#live(nameOf(key));
  }

  #live(name: string): Item | undefined {
    const item = this.#items.get(name);
    if (item === undefined || item.expires === 0 || item.expires > performance.now()) return item;
    this.#counts.expired += 1;
    this.#items.delete(name);
    return undefined;
  }

  #store(key: CacheKey, value: CacheValue, expires: number): void {
    this.#items.set(nameOf(key), { value: bytesOf(value), expires });
  }
}

/** The key's bytes, one character each: strings and bytes are the same key where their bytes are. */
function nameOf(key: CacheKey): string {
  return bytesOf(key).toString('latin1');
}

function bytesOf(value: CacheValue): Buffer {
  return typeof value === 'string' ? Buffer.from(value) : Buffer.from(value);
}

function compute(operation: MathOperation, value: number, operand: number): number {
  if (operation === 'add') return value + operand;
  if (operation === 'multiply') return value * operand;
  return Math.trunc(value / operand) + 0;
}
