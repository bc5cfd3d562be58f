/** Errors of the package's functions; those of requests are in errors.ts. */
import { CodedError } from './coded-error.js';
import type { CacheKey, CacheLimits, CacheOutcome, CacheValue } from './cache-backend.js';

export type CacheErrorCode =
  | 'ERR_TSUWSGI_CACHE_MISSING'
  | 'ERR_TSUWSGI_CACHE_FULL'
  | 'ERR_TSUWSGI_CACHE_KEY'
  | 'ERR_TSUWSGI_CACHE_VALUE'
  | 'ERR_TSUWSGI_CACHE_NUMBER'
  | 'ERR_TSUWSGI_CACHE_RANGE'
  | 'ERR_TSUWSGI_CACHE_BUSY';

/** The code says which, the message what to do. */
export class CacheError extends CodedError<CacheErrorCode> {
  static override readonly errorName = 'CacheError';
  override readonly name = CacheError.errorName;

  static of(
    outcome: CacheOutcome,
    limits: CacheLimits,
    key: CacheKey,
    value: CacheValue = '',
  ): CacheError {
    const { name, items, blocks, keyBytes, valueBytes } = limits;
    const where = `cache ${name}`;
    switch (outcome) {
      case 'full':
        return new CacheError(
          'ERR_TSUWSGI_CACHE_FULL',
          `${where} is full (items=${items}, blocks=${blocks}): raise them, let items expire, or set lru=1 so that the oldest make room`,
        );
      case 'key':
        return new CacheError(
          'ERR_TSUWSGI_CACHE_KEY',
          `the key has ${Buffer.byteLength(key)} bytes, ${where} takes ${keyBytes}: raise keysize=`,
        );
      case 'value':
        return new CacheError(
          'ERR_TSUWSGI_CACHE_VALUE',
          `the value has ${Buffer.byteLength(value)} bytes, ${where} takes ${valueBytes}: ${roomForValues(limits)}`,
        );
      case 'range':
        return new CacheError(
          'ERR_TSUWSGI_CACHE_RANGE',
          `the result is outside of what a number holds exactly (2^53 - 1), or a division by 0; ${where} keeps what it had`,
        );
      case 'busy':
        return new CacheError(
          'ERR_TSUWSGI_CACHE_BUSY',
          `${where} has been held by another process for a second: is a worker stopped (SIGSTOP, a debugger)?`,
        );
      default:
        return new CacheError(
          'ERR_TSUWSGI_CACHE_NUMBER',
          `what ${where} has under this key is no whole number`,
        );
    }
  }
}

/** A lock number that there is not, or an unlock of what this process does not hold. */
export class LockError extends CodedError<'ERR_TSUWSGI_LOCK'> {
  static override readonly errorName = 'LockError';
  override readonly name = LockError.errorName;

  constructor(message: string) {
    super('ERR_TSUWSGI_LOCK', message);
  }
}

function roomForValues({ blocks, blockBytes, valueBytes }: CacheLimits): string {
  return valueBytes > blockBytes
    ? `raise blocks= (${blocks}) or blocksize= (${blockBytes})`
    : `raise blocksize= (${blockBytes}), or set bitmap=1 so that a value may take several blocks`;
}
