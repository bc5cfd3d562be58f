import assert from 'node:assert/strict';
import type { Header } from '../../../../src/app/types.js';
import { HeadCache } from '../../../../src/worker/gateway/head-cache.js';
import { Outbox } from '../../../../src/worker/gateway/outbox.js';
import { first } from '../applications.js';
import { constants, FakeCore } from '../fake-core.js';

function cacheOn(core: FakeCore): HeadCache {
  return new HeadCache(new Outbox(core, constants), constants.opFlag, constants.maxHeads);
}

/** Operations leave at the end of the turn. */
async function flushed(core: FakeCore): Promise<FakeCore['operations']> {
  await new Promise((resolve) => setImmediate(resolve));
  return core.operations;
}

const html: readonly Header[] = [['Content-Type', 'text/html']];

describe('head cache', () => {
  it('tells the core a head on its second use, and once', async () => {
    const core = new FakeCore();
    const cache = cacheOn(core);
    const heads = Array.from({ length: 4 }, () =>
      cache.lookup('200 OK', [['Content-Type', 'text/html']]),
    );
    const defined = await flushed(core);
    assert.deepEqual(
      defined.map(({ op }) => op),
      ['DEFINE_HEAD'],
    );
    assert.equal(first(defined).headText, 'OK\r\nContent-Type: text/html\r\n');
    assert.equal(first(defined).slot, 0xff000000);
    assert.equal(first(defined).status, 200);
    assert.equal(first(defined).declared, -1);
    const ids = heads.map(({ id }) => id);
    assert.ok(first(ids) > 0);
    assert.equal(first(ids), first(defined).head);
  });

  it('tells heads apart that differ in status, name or value of the same length', () => {
    const cache = cacheOn(new FakeCore());
    const texts = [
      cache.lookup('200 OK', [['A', '1']]),
      cache.lookup('201 OK', [['A', '1']]),
      cache.lookup('200 OK', [['B', '1']]),
      cache.lookup('200 OK', [['A', '2']]),
      cache.lookup('200 OK', [['A', '1']]),
    ].map((head) => `${head.code} ${Buffer.from(head.bytes).toString()}`);
    assert.deepEqual(texts, [
      '200 OK\r\nA: 1\r\n',
      '201 OK\r\nA: 1\r\n',
      '200 OK\r\nB: 1\r\n',
      '200 OK\r\nA: 2\r\n',
      '200 OK\r\nA: 1\r\n',
    ]);
  });

  it('knows a head again with another Content-Length, and checks that one', async () => {
    const core = new FakeCore();
    const cache = cacheOn(core);
    const declared = ['10', '11', '12'].map((length) => {
      cache.lookup('200 OK', [...html, ['Content-Length', length]]);
      return cache.declared;
    });
    assert.deepEqual(declared, [10, 11, 12]);
    assert.equal((await flushed(core)).length, 1);
    assert.throws(() => cache.lookup('200 OK', [...html, ['Content-Length', '1x']]), {
      code: 'ERR_TSUWSGI_HEADER',
    });
    cache.lookup('200 OK', html);
    assert.equal(cache.declared, -1);
  });

  it('gives every definition an id of its own, in the place of the one before', async () => {
    const core = new FakeCore();
    const cache = cacheOn(core);
    const ids = ['a', 'b', 'a'].map((value) => {
      cache.lookup('200 OK', [['A', value]]);
      return cache.lookup('200 OK', [['A', value]]).id;
    });
    assert.equal(new Set(ids).size, 3);
    assert.equal(new Set(ids.map((id) => id % constants.maxHeads)).size, 1);
    assert.deepEqual(
      (await flushed(core)).map(({ head }) => head),
      ids,
    );
  });

  it('refuses a head that does not fit a record, each time, and remembers nothing of it', async () => {
    const core = new FakeCore();
    const cache = cacheOn(core);
    for (let i = 0; i < 4; i++) {
      assert.throws(() => cache.lookup('200 OK', [['A', 'x'.repeat(constants.outboxBytes)]]), {
        code: 'ERR_TSUWSGI_HEADER',
        message: /no more than \d+ can be sent/,
      });
    }
    assert.deepEqual(await flushed(core), []);
  });

  it('uses no id whose definition did not come into the outbox', () => {
    const outbox = new Outbox(new FakeCore(), constants);
    const cache = new HeadCache(outbox, constants.opFlag, constants.maxHeads);
    const first = cache.lookup('200 OK', html);
    outbox.defineHead = () => {
      throw new RangeError('no room');
    };
    assert.throws(() => cache.lookup('200 OK', html), RangeError);
    assert.throws(() => cache.lookup('200 OK', html), RangeError);
    assert.equal(first.id, 0);
  });

  it('checks a head that differs from a known one only by being wrong', () => {
    const cache = cacheOn(new FakeCore());
    cache.lookup('200 OK', [['A', 'b']]);
    cache.lookup('200 OK', [['A', 'b']]);
    assert.throws(() => cache.lookup('200 OK', [['A', '\n']]), { code: 'ERR_TSUWSGI_HEADER' });
    assert.throws(() => cache.lookup('200\nOK', [['A', 'b']]), { code: 'ERR_TSUWSGI_STATUS' });
    assert.throws(() => cache.lookup('200 OK', [['A', 'b', 'c'] as unknown as Header]), {
      code: 'ERR_TSUWSGI_HEADER',
    });
  });
});
