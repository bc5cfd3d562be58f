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
import { CacheError } from './module-errors.js';

export interface Expiry {
  /** Seconds from now, fractions allowed; for ever without it. */
  readonly expires?: number;
}

/**
 * Bytes under keys, which all workers see (`--cache2`). Every call is one short step that no other worker sees half-done.
 * Calls throw CacheError where a limit is passed, and say which.
 */
export class Cache {
  readonly #find: () => CacheBackend;

  /** `find`: looked up at each call, so that a cache can be held before the server has set it up. */
  constructor(find: () => CacheBackend) {
    this.#find = find;
  }

  /** undefined where it is not there, or has expired. */
  get(key: CacheKey): Buffer | undefined {
    const value = this.#find().get(requireBytes(key));
    if (typeof value !== 'string') return value;
    if (value !== 'absent') throw this.#error(value, key);
    return undefined;
  }

  /** The value read as UTF-8. */
  getText(key: CacheKey): string | undefined {
    return this.get(key)?.toString();
  }

  exists(key: CacheKey): boolean {
    return this.#truth(this.#find().exists(requireBytes(key)), key);
  }

  /** Writes it, whether there was one or not. */
  set(key: CacheKey, value: CacheValue, options?: Expiry): void {
    this.#put(key, value, options, 'always');
  }

  /** The same, under uWSGI's name. */
  update(key: CacheKey, value: CacheValue, options?: Expiry): void {
    this.#put(key, value, options, 'always');
  }

  /** Writes it where there is none; whether it did. What uWSGI calls cache_set. */
  add(key: CacheKey, value: CacheValue, options?: Expiry): boolean {
    return this.#put(key, value, options, 'if-absent');
  }

  /** Writes it where there is one; whether it did. */
  replace(key: CacheKey, value: CacheValue, options?: Expiry): boolean {
    return this.#put(key, value, options, 'if-present');
  }

  /** Whether it was there. */
  delete(key: CacheKey): boolean {
    return this.#truth(this.#find().remove(requireBytes(key)), key);
  }

  clear(): void {
    this.#truth(this.#find().clear(), '');
  }

  /** Adds to a whole number, which begins at 0, and returns it. Its expiry stays unless a new one is given. */
  inc(key: CacheKey, by = 1, options?: Expiry): number {
    return this.#calculate(key, 'add', by, options);
  }

  dec(key: CacheKey, by = 1, options?: Expiry): number {
    return this.#calculate(key, 'add', -by, options);
  }

  mul(key: CacheKey, by: number, options?: Expiry): number {
    return this.#calculate(key, 'multiply', by, options);
  }

  /** Rounds towards zero. */
  div(key: CacheKey, by: number, options?: Expiry): number {
    return this.#calculate(key, 'divide', by, options);
  }

  /** The whole number that is there; 0 where nothing is. */
  num(key: CacheKey): number {
    const text = this.get(key)?.toString('latin1') ?? '0';
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) throw this.#error('number', key);
    return value;
  }

  keys(): readonly string[] {
    const keys = this.#find().keys();
    if (typeof keys === 'string') throw this.#error(keys, '');
    return keys;
  }

  stats(): CacheStats & CacheLimits {
    const backend = this.#find();
    const stats = backend.stats();
    if (typeof stats === 'string') throw this.#error(stats, '');
    return { ...backend.limits, ...stats };
  }

  #put(key: CacheKey, value: CacheValue, options: Expiry | undefined, rule: PutRule): boolean {
    requireBytes(value);
    return this.#truth(
      this.#find().put(requireBytes(key), value, ttlMs(options), rule),
      key,
      value,
    );
  }

  #calculate(key: CacheKey, operation: MathOperation, by: number, options?: Expiry): number {
    if (!Number.isSafeInteger(by)) throw new RangeError(`${by} is no whole number`);
    const result = this.#find().calculate(requireBytes(key), operation, by, ttlMs(options));
    if (typeof result === 'string') throw this.#error(result, key);
    return result;
  }

  #truth(outcome: CacheOutcome, key: CacheKey, value?: CacheValue): boolean {
    if (outcome === 'ok') return true;
    if (outcome === 'absent' || outcome === 'exists') return false;
    throw this.#error(outcome, key, value);
  }

  #error(outcome: CacheOutcome, key: CacheKey, value?: CacheValue): CacheError {
    return CacheError.of(outcome, this.#find().limits, key, value);
  }
}

function requireBytes<T extends CacheKey | CacheValue>(given: T): T {
  if (typeof given === 'string' || given instanceof Uint8Array) return given;
  throw new TypeError('keys and values of a cache are strings or bytes (Uint8Array)');
}

function ttlMs(options: Expiry | undefined): number {
  const seconds = options?.expires;
  if (seconds === undefined) return 0;
  if (!(seconds > 0)) throw new RangeError(`expires is ${seconds}: it needs seconds above 0`);
  return Math.max(1, Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(seconds * 1000)));
}
