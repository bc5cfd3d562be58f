import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { Cache } from '../../src/app/cache.js';
import { CacheError } from '../../src/app/module-errors.js';
import {
  createApplicationMemory,
  openApplicationMemory,
  type ApplicationMemory,
} from '../../src/binding/application-memory.js';
import { loadAddon } from '../../src/binding/load.js';
import { applicationMemoryPlan, type CacheSettings } from '../../src/config/cache-settings.js';
import { resolveConfig } from '../../src/config/resolve.js';
import { createApplicationHost, type ApplicationHost } from '../../src/worker/application-host.js';
import { SharedCacheBackend } from '../../src/worker/shared-cache-backend.js';
import { SharedLocks } from '../../src/worker/shared-locks.js';
import { fakeHost } from '../unit/config/fake-host.js';
import { describeCacheContract } from '../helpers/cache-contract.js';

const addon = loadAddon();

function settings(changes: Partial<CacheSettings> = {}): CacheSettings {
  return {
    name: 'test',
    items: 4,
    blocks: 4,
    blockBytes: 64,
    keyBytes: 16,
    severalBlocks: false,
    evicts: false,
    ...changes,
  };
}

function memoryOf(...caches: CacheSettings[]): ApplicationMemory {
  const { fd, memory } = createApplicationMemory({ locks: 2, caches }, addon);
  closeSync(fd);
  return memory;
}

function backend(changes: Partial<CacheSettings> = {}): SharedCacheBackend {
  const [first] = memoryOf(settings(changes)).caches;
  assert.ok(first !== undefined);
  return new SharedCacheBackend(first);
}

function failure(run: () => unknown): CacheError {
  try {
    run();
  } catch (error) {
    if (error instanceof CacheError) return error;
  }
  throw new Error('it did not throw a CacheError');
}

describe('a cache in shared memory', () => {
  describeCacheContract(() => backend());

  it('says which limit is passed, and what to do', () => {
    const shared = backend();
    const cache = new Cache(() => shared);
    const tooLong = failure(() => cache.set('k'.repeat(17), 'v'));
    assert.equal(tooLong.code, 'ERR_TSUWSGI_CACHE_KEY');
    assert.match(tooLong.message, /has 17 bytes, cache test takes 16: raise keysize=/);
    const tooBig = failure(() => cache.set('k', 'v'.repeat(65)));
    assert.equal(tooBig.code, 'ERR_TSUWSGI_CACHE_VALUE');
    assert.match(tooBig.message, /has 65 bytes, .* takes 64: .* bitmap=1/);
    for (const key of ['a', 'b', 'c', 'd']) cache.set(key, key);
    const full = failure(() => cache.inc('e'));
    assert.equal(full.code, 'ERR_TSUWSGI_CACHE_FULL');
    assert.match(full.message, /items=4, blocks=4.*lru=1/);
  });

  it('is the same for everybody who maps it, and kept apart from its neighbour', () => {
    const plan = { locks: 2, caches: [settings({ name: 'one' }), settings({ name: 'two' })] };
    const { fd, memory } = createApplicationMemory(plan, addon);
    const other = openApplicationMemory(fd, plan, addon);
    closeSync(fd);
    const [one, two] = memory.caches.map((named) => new SharedCacheBackend(named));
    const [oneAgain] = other.caches.map((named) => new SharedCacheBackend(named));
    one?.put('key', 'seen', 0, 'always');
    assert.deepEqual(oneAgain?.get('key'), Buffer.from('seen'));
    assert.equal(two?.get('key'), 'absent');
  });

  it('lets the oldest make room with lru, and spreads values with bitmap', () => {
    const shared = backend({ evicts: true, severalBlocks: true });
    const cache = new Cache(() => shared);
    for (const key of ['a', 'b', 'c', 'd']) cache.set(key, key);
    cache.get('a');
    cache.set('big', 'x'.repeat(190));
    assert.deepEqual([...cache.keys()].sort(), ['a', 'big']);
    assert.equal(cache.stats().evicted, 3);
  });

  it('cannot be mapped from what is no memory', () => {
    assert.throws(() => new addon.SharedCache(-1, 0, settings(), true), { code: 'EBADF' });
    assert.throws(() => new addon.LockTable(-1, 1), { code: 'EBADF' });
  });
});

describe('locks in shared memory', () => {
  it('are held by one process, and given back for a dead one', () => {
    const { locks } = memoryOf();
    assert.equal(locks.tryLock(1, 77), true);
    assert.equal(locks.tryLock(1, 78), false);
    assert.equal(locks.holder(1), 77);
    assert.equal(locks.unlock(1, 78), false);
    assert.equal(locks.releaseAll(77), 1);
    assert.equal(locks.holder(1), 0);
  });

  it('wake who waits for a release', async () => {
    const { locks } = memoryOf();
    const shared = new SharedLocks(locks, 2);
    assert.equal(locks.tryLock(0, 77), true);
    const waiting = shared.nextRelease(shared.releases());
    locks.unlock(0, 77);
    await waiting;
    assert.equal(shared.tryLock(0), true);
    assert.equal(shared.held(0), true);
    shared.unlock(0);
    assert.equal(shared.held(0), false);
  });
});

describe('the memory that a master made', () => {
  const argv = ['--http-socket', ':0', '--module', 'x'];
  const { config } = resolveConfig({ argv, env: {}, host: fakeHost(1) });
  const write = (): void => undefined;
  const logger = { fact: write, info: write, warn: write, error: write };
  const worker = (fd: number, layout: number): ApplicationHost =>
    createApplicationHost(
      { config, workerId: 1, logger, applicationMemory: { fd, layout } },
      addon,
    );

  it('is used by workers of a version that understands it', () => {
    const { fd } = createApplicationMemory(applicationMemoryPlan(config), addon);
    assert.throws(() => worker(fd, addon.memoryLayout + 1), {
      code: 'ERR_TSUWSGI_APP_LOAD',
      message: /upgrade the server \(SIGUSR2\)/,
    });
    assert.ok(worker(fd, addon.memoryLayout));
  });
});
