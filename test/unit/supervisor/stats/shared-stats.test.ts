import assert from 'node:assert/strict';
import { CacheStatus } from '../../../../src/binding/native-shared.js';
import { sharedStats } from '../../../../src/supervisor/stats/shared-stats.js';
import { cacheOf } from './stats-sample.js';

describe('statistics of locks and caches', () => {
  const { settings, figures } = cacheOf({ hits: 3 });
  assert.ok(figures !== undefined);

  it('are what stands in the memory', () => {
    const locks = { holder: (lock: number) => lock * 100 };
    const cache = { stats: () => figures };
    const memory = { locks, lockCount: 3, caches: [{ settings, cache }] };
    assert.deepEqual(sharedStats(memory), {
      locks: [0, 100, 200],
      caches: [{ settings, figures }],
    });
    assert.deepEqual(sharedStats(undefined), { locks: [], caches: [] });
  });

  it('do not wait for a cache that a stopped process holds', () => {
    const limits: (number | undefined)[] = [];
    const stats = (limitMs?: number): number => {
      limits.push(limitMs);
      return CacheStatus.BUSY;
    };
    const memory = {
      locks: { holder: () => 0 },
      lockCount: 0,
      caches: [{ settings, cache: { stats } }],
    };
    assert.equal(sharedStats(memory).caches[0]?.figures, undefined);
    assert.ok((limits[0] ?? 1000) <= 10, String(limits));
  });
});
