import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import type {} from '../../../src/app/types.js';
import { asyncPieces, first, names, pieces, returning, statuses } from './applications.js';
import { answer, gatewayFor, turn } from './gateway-harness.js';

describe('response body', () => {
  const complete: readonly (readonly [string, () => unknown, string])[] = [
    ['a string', () => 'Gr\u00fc\u00dfe', 'Gr\u00fc\u00dfe'],
    ['a string longer than the quick loop takes', () => 'x'.repeat(100), 'x'.repeat(100)],
    ['a lone surrogate', () => '\ud800', '\ufffd'],
    ['bytes', () => new Uint8Array([104, 105]), 'hi'],
    [
      'a view into larger memory',
      () => new Uint8Array(Buffer.from('abcd').buffer.slice(0)).subarray(0, 0),
      '',
    ],
    ['a Buffer', () => Buffer.from('buffer'), 'buffer'],
    ['nothing', () => undefined, ''],
    ['null', () => null, ''],
    ['an empty list', () => [], ''],
    ['a list of one', () => ['one'], 'one'],
    ['a list of several', () => ['\u00e4', Buffer.from('b'), new Uint8Array([99])], '\u00e4bc'],
    ['a promise of a string', () => Promise.resolve('later'), 'later'],
    ['a promise of a list', () => Promise.resolve(['l', 'i']), 'li'],
    ['a thenable', () => ({ then: (ok: (body: string) => void) => ok('thenable') }), 'thenable'],
  ];
  for (const [name, make, expected] of complete) {
    it(`is sent at once for ${name}`, async () => {
      const { operations, log, dispatcher } = await answer(returning(make));
      assert.deepEqual(names(operations), ['RESPOND']);
      assert.equal(first(operations).body.toString(), expected);
      assert.equal(first(operations).headText, 'OK\r\nX-Kind: test\r\n');
      assert.deepEqual(log, []);
      assert.equal(dispatcher.running, 0);
    });
  }

  const streamed: readonly (readonly [string, () => unknown, string])[] = [
    ['a generator', () => pieces('a', '', 'b'), 'ab'],
    ['an async generator', () => asyncPieces('a', 'b'), 'ab'],
    ['a Set', () => new Set(['a', 'b']), 'ab'],
    ['a Readable', () => Readable.from([Buffer.from('a'), 'b']), 'ab'],
    ['a web stream', () => ReadableStream.from(['a', Buffer.from('b')]), 'ab'],
    ['a list of promises', () => [Promise.resolve('a'), 'b'], 'ab'],
    ['a promise of a generator', () => Promise.resolve(pieces('a', 'b')), 'ab'],
    ['a list with holes', () => ['a', , 'b'], 'ab'],
    ['an iterable with empty items', () => new Set([null, 'a', undefined, 'b']), 'ab'],
  ];
  for (const [name, make, expected] of streamed) {
    it(`is sent in pieces for ${name}`, async () => {
      const { operations, body, log, dispatcher } = await answer(returning(make));
      assert.equal(names(operations)[0], 'BEGIN');
      assert.equal(names(operations).at(-1), 'END');
      assert.ok(
        names(operations)
          .slice(1, -1)
          .every((op) => op === 'CHUNK'),
      );
      assert.equal(first(operations).declared, -1);
      assert.equal(body, expected);
      assert.deepEqual(log, []);
      assert.equal(dispatcher.running, 0);
    });
  }

  it('is complete for a generator without a piece', async () => {
    const { operations } = await answer(returning(() => pieces()));
    assert.deepEqual(names(operations), ['RESPOND']);
  });

  it('is lent to the core where it is large', async () => {
    const large = Buffer.alloc(100_000, 'L');
    const { operations, core } = await answer(returning(() => large));
    assert.deepEqual(names(operations), ['BEGIN', 'REF', 'END']);
    assert.equal(first(operations).declared, 100_000);
    assert.equal(core.retained[0], large);
  });

  it('may be a string whose UTF-8 is larger than the string', async () => {
    const text = '\u4f60'.repeat(20_000);
    const { operations, body } = await answer(returning(() => text));
    assert.equal(first(operations).declared, 60_000);
    assert.equal(body, text);
  });

  it('has a known length for a long list', async () => {
    const list = Array.from({ length: 5 }, () => 'x'.repeat(10_000));
    const { operations, core } = await answer(returning(() => list));
    assert.equal(first(operations).declared, 50_000);
    assert.equal(core.bodyOf(1).length, 50_000);
  });

  it('is larger than the outbox if need be', async () => {
    const { core } = gatewayFor(
      returning(() => pieces('x'.repeat(30_000), 'y'.repeat(20_000))),
      40_000,
    );
    core.putRequest();
    core.run();
    await turn();
    assert.equal(core.bodyOf(1), 'x'.repeat(30_000) + 'y'.repeat(20_000));
    assert.ok(core.flushes > 1);
  });

  const wrong: readonly (readonly [string, () => unknown, RegExp])[] = [
    ['a number', () => 42, /returned a number: expected a string, bytes/],
    ['an object', () => ({ a: 1 }), /returned an object \(Object\)/],
    ['a function', () => () => 'x', /returned a function/],
    ['a list of numbers', () => [1, 2], /its iterable gave a number/],
    ['a list with a wrong piece', () => ['a', 5], /its iterable gave a number/],
    ['a generator of objects', () => new Set([{}]), /its iterable gave an object/],
    [
      'a broken iterator',
      () => ({ [Symbol.iterator]: () => ({ next: () => undefined }) }),
      /gave undefined for a step/,
    ],
  ];
  for (const [name, make, message] of wrong) {
    it(`of ${name} is a 500 with a record`, async () => {
      const { operations, log } = await answer(returning(make));
      assert.deepEqual(statuses(operations), [500]);
      assert.equal(log.length, 1);
      assert.match(first(log).message, message);
    });
  }
});

describe('HEAD, 204 and 304', () => {
  const cases = [
    { method: 'HEAD', status: '200 OK' },
    { method: 'GET', status: '204 No Content' },
    { method: 'GET', status: '304 Not Modified' },
  ];
  for (const { method, status } of cases) {
    it(`${method} ${status} sends no body and closes what would have been one`, async () => {
      let closed = 0;
      let produced = 0;
      const body = {
        *[Symbol.iterator]() {
          for (;;) {
            produced += 1;
            yield 'x';
          }
        },
        close: () => (closed += 1),
      };
      const { operations, dispatcher } = await answer(
        (_environ, startResponse) => {
          startResponse(status, []);
          return body;
        },
        { method },
      );
      assert.deepEqual(names(operations), ['RESPOND']);
      assert.equal(first(operations).bodyLength, 0);
      assert.deepEqual([produced, closed], [1, 1]);
      assert.equal(dispatcher.running, 0);
    });
  }

  it('HEAD has the length that GET would have', async () => {
    const head = { method: 'HEAD' };
    const { operations } = await answer(
      returning(() => 'h\u00e9llo'),
      head,
    );
    assert.equal(first(operations).declared, 6);
    assert.equal(first(operations).bodyLength, 0);
    const declared = await answer((_environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', '1000']]);
      return [];
    }, head);
    assert.equal(first(declared.operations).declared, 1000);
    assert.deepEqual(declared.log, []);
    const unknown = await answer(
      returning(() => []),
      head,
    );
    assert.equal(first(unknown.operations).declared, -1);
  });

  it('204 has no length, 304 the declared one', async () => {
    const operations = await Promise.all(
      ['204 No Content', '304 Not Modified'].map(async (status) => {
        const result = await answer((_environ, startResponse) => {
          startResponse(status, [['Content-Length', '3']]);
          return 'abc';
        });
        return first(result.operations).declared;
      }),
    );
    assert.deepEqual(operations, [-1, 3]);
  });
});
