import assert from 'node:assert/strict';
import type { BackendAddress } from '../../../src/config/backend-address.js';
import { BackendPool, type Backend } from '../../../src/router/backend-pool.js';

const NONE: ReadonlySet<Backend> = new Set();

function address(text: string): BackendAddress {
  return { kind: 'unix', path: `/${text}`, text };
}

class Clock {
  ms = 1000;

  pool(names: readonly string[], fallbacks: readonly string[] = []): BackendPool {
    return new BackendPool({
      backends: names.map(address),
      fallbacks: fallbacks.map(address),
      graceMs: 5000,
      now: () => this.ms,
    });
  }
}

/** Names of the next backends, all in use at once. */
function take(pool: BackendPool, count: number): string[] {
  return Array.from({ length: count }, () => pool.take(NONE)?.name ?? 'none');
}

function fail(pool: BackendPool, tried = NONE, timeout = false): string {
  const backend = pool.take(tried) ?? assert.fail();
  pool.failed(backend, timeout);
  pool.release(backend);
  return backend.name;
}

describe('choice of a backend', () => {
  it('spreads requests that run at the same time', () => {
    assert.deepEqual(take(new Clock().pool(['a', 'b', 'c']), 6).sort(), [
      'a',
      'a',
      'b',
      'b',
      'c',
      'c',
    ]);
  });

  it('goes by turns where nothing runs', () => {
    const pool = new Clock().pool(['a', 'b', 'c']);
    const seen = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const backend = pool.take(NONE) ?? assert.fail();
      seen.add(backend.name);
      pool.release(backend);
    }
    assert.equal(seen.size, 3);
  });

  it('prefers the least busy one', () => {
    const pool = new Clock().pool(['a', 'b']);
    const [first, second] = [pool.take(NONE), pool.take(NONE)];
    pool.take(NONE);
    const free = [first, second].find((backend) => backend?.inFlight === 1) ?? assert.fail();
    assert.equal(pool.take(NONE), free);
  });

  it('does not take what was tried', () => {
    const pool = new Clock().pool(['a', 'b']);
    const first = pool.take(NONE) ?? assert.fail();
    const second = pool.take(new Set([first])) ?? assert.fail();
    assert.notEqual(first, second);
    assert.equal(pool.take(new Set([first, second])), undefined);
  });

  it('leaves one that failed alone for a while', () => {
    const clock = new Clock();
    const pool = clock.pool(['a', 'b']);
    const failed = fail(pool);
    assert.ok(!take(pool, 4).includes(failed));
    clock.ms += 4999;
    assert.ok(!take(pool, 4).includes(failed));
    clock.ms += 1;
    assert.deepEqual(
      take(pool, 4).filter((name) => name === failed),
      [failed],
      'one request tries it, the others do not wait for the outcome',
    );
  });

  it('uses one again as soon as it was reached', () => {
    const pool = new Clock().pool(['a']);
    fail(pool);
    const backend = pool.take(NONE) ?? assert.fail();
    assert.ok(pool.reached(backend));
    assert.ok(!pool.reached(backend));
    assert.deepEqual(take(pool, 2), ['a', 'a']);
  });

  it('lets every request try the only one that refuses', () => {
    const pool = new Clock().pool(['a']);
    fail(pool);
    assert.deepEqual(take(pool, 3), ['a', 'a', 'a']);
  });

  it('lets one request at a time wait for the only one that is silent', () => {
    const pool = new Clock().pool(['a']);
    fail(pool, NONE, true);
    const probe = pool.take(NONE) ?? assert.fail();
    assert.equal(pool.take(NONE), undefined);
    pool.failed(probe, true);
    pool.release(probe);
    assert.equal(pool.take(NONE), probe);
  });

  it('does not take the end of an older request for the outcome', () => {
    const pool = new Clock().pool(['a']);
    const older = pool.take(NONE) ?? assert.fail();
    pool.reached(older);
    fail(pool, NONE, true);
    pool.take(NONE);
    pool.release(older, true);
    assert.equal(pool.take(NONE), undefined);
  });

  it('tries the one that failed first where all did', () => {
    const clock = new Clock();
    const pool = clock.pool(['a', 'b']);
    const first = fail(pool);
    clock.ms += 10;
    assert.notEqual(fail(pool), first);
    assert.equal(pool.take(NONE)?.name, first);
  });

  it('falls back only while nobody else is there', () => {
    const clock = new Clock();
    const pool = clock.pool(['a'], ['spare']);
    assert.deepEqual(take(pool, 2), ['a', 'a']);
    fail(pool);
    assert.deepEqual(take(pool, 2), ['spare', 'spare']);
    clock.ms += 5000;
    assert.equal(pool.take(NONE)?.name, 'a');
  });

  it('counts what runs', () => {
    const pool = new Clock().pool(['a']);
    const backend = pool.take(NONE) ?? assert.fail();
    pool.take(NONE);
    assert.equal(backend.inFlight, 2);
    pool.release(backend);
    assert.equal(backend.inFlight, 1);
  });
});
