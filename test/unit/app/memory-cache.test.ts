import { MemoryCache } from '../../../src/app/memory-cache.js';
import { describeCacheContract } from '../../helpers/cache-contract.js';

describe('the cache without a server', () => {
  describeCacheContract(() => new MemoryCache('default'));
});
