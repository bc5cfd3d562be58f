/** What applications may expect of every cache, in shared memory and without a server. */
import assert from 'node:assert/strict';
import type { CacheBackend } from '../../src/app/cache-backend.js';
import { Cache } from '../../src/app/cache.js';
import { CacheError } from '../../src/app/module-errors.js';
import { waitUntil } from './wait-until.js';

function throwsWith(code: string, run: () => unknown): void {
  assert.throws(run, (error: unknown) => error instanceof CacheError && error.code === code);
}

export function describeCacheContract(make: () => CacheBackend): void {
  let cache: Cache;

  beforeEach(() => {
    const backend = make();
    cache = new Cache(() => backend);
  });

  it('keeps text and bytes', () => {
    assert.equal(cache.get('key'), undefined);
    cache.set('key', 'grüße');
    assert.deepEqual(cache.get('key'), Buffer.from('grüße'));
    assert.equal(cache.getText('key'), 'grüße');
    cache.set(Buffer.from([0, 255]), new Uint8Array([1, 0, 2]));
    assert.deepEqual(cache.get(new Uint8Array([0, 255])), Buffer.from([1, 0, 2]));
    cache.set('empty', '');
    assert.equal(cache.getText('empty'), '');
  });

  it('gives bytes that are the caller’s own', () => {
    cache.set('key', 'value');
    cache.get('key')?.fill(0);
    assert.equal(cache.getText('key'), 'value');
  });

  it('adds what is not there, and replaces what is', () => {
    assert.equal(cache.replace('key', 'x'), false);
    assert.equal(cache.add('key', 'one'), true);
    assert.equal(cache.add('key', 'two'), false);
    assert.equal(cache.getText('key'), 'one');
    assert.equal(cache.replace('key', 'three'), true);
    cache.update('key', 'four');
    assert.equal(cache.getText('key'), 'four');
  });

  it('deletes, clears and lists', () => {
    for (const key of ['a', 'b', 'ü']) cache.set(key, key);
    assert.equal(cache.delete('a'), true);
    assert.equal(cache.delete('a'), false);
    assert.equal(cache.exists('b'), true);
    assert.deepEqual([...cache.keys()].sort(), ['b', 'ü']);
    cache.clear();
    assert.deepEqual(cache.keys(), []);
    assert.equal(cache.exists('b'), false);
  });

  it('calculates with whole numbers', () => {
    assert.equal(cache.inc('n'), 1);
    assert.equal(cache.inc('n', 9), 10);
    assert.equal(cache.dec('n', 3), 7);
    assert.equal(cache.mul('n', -3), -21);
    assert.equal(cache.div('n', 4), -5);
    assert.equal(cache.num('n'), -5);
    assert.equal(cache.getText('n'), '-5');
    assert.equal(cache.num('absent'), 0);
    cache.set('n', '41');
    assert.equal(cache.inc('n'), 42);
  });

  it('keeps what it had where a calculation fails', () => {
    cache.set('word', 'twelve');
    throwsWith('ERR_TSUWSGI_CACHE_NUMBER', () => cache.inc('word'));
    throwsWith('ERR_TSUWSGI_CACHE_NUMBER', () => cache.num('word'));
    cache.set('big', String(Number.MAX_SAFE_INTEGER));
    throwsWith('ERR_TSUWSGI_CACHE_RANGE', () => cache.inc('big'));
    throwsWith('ERR_TSUWSGI_CACHE_RANGE', () => cache.div('big', 0));
    assert.equal(cache.num('big'), Number.MAX_SAFE_INTEGER);
    assert.throws(() => cache.inc('big', 0.5), RangeError);
  });

  it('forgets what has expired, and keeps an expiry over calculations', async () => {
    cache.set('short', 'x', { expires: 0.02 });
    cache.set('stays', 'x', { expires: 3600 });
    cache.inc('n', 1, { expires: 0.02 });
    cache.inc('n');
    await waitUntil('the end of both', () => !cache.exists('short') && !cache.exists('n'));
    assert.equal(cache.get('short'), undefined);
    assert.equal(cache.add('short', 'again'), true);
    assert.equal(cache.getText('stays'), 'x');
    cache.set('stays', 'for ever');
    assert.equal(cache.getText('stays'), 'for ever');
    for (const expires of [0, -1, Number.NaN])
      assert.throws(() => cache.set('k', 'v', { expires }), /seconds above 0/);
  });

  it('counts', () => {
    cache.set('a', 'a');
    cache.get('a');
    cache.get('b');
    const { items, hits, misses, recoveries } = cache.stats();
    assert.deepEqual(
      { items, hits, misses, recoveries },
      { items: 1, hits: 1, misses: 1, recoveries: 0 },
    );
  });

  it('refuses what is neither text nor bytes', () => {
    assert.throws(() => cache.set('key', 5 as unknown as string), TypeError);
    const wrong = 5 as unknown as string;
    cache.set('', 'of the empty key');
    for (const use of [
      () => cache.set(wrong, 'value'),
      () => cache.get(wrong),
      () => cache.getText(wrong),
      () => cache.num(wrong),
      () => cache.inc(wrong),
      () => cache.exists(wrong),
      () => cache.delete(wrong),
    ]) {
      assert.throws(use, { name: 'TypeError', message: /strings or bytes/ });
    }
    assert.equal(cache.getText(''), 'of the empty key');
  });
}
