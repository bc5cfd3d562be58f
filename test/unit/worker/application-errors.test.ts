import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import type { Application, ResponseBody } from '../../../src/app/types.js';
import { first, names, returning } from './applications.js';
import { answer, gatewayFor } from './gateway-harness.js';

describe('application errors', () => {
  const failing: readonly (readonly [string, Application])[] = [
    [
      'throws',
      () => {
        throw new Error('secret detail');
      },
    ],
    [
      'throws no error',
      () => {
        const detail: unknown = 'secret detail';
        throw detail;
      },
    ],
    [
      'throws after startResponse',
      (_e, startResponse) => {
        startResponse('200 OK', []);
        throw new Error('secret detail');
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret detail'))],
    [
      'returns a generator that throws',
      (_e, startResponse) => {
        startResponse('200 OK', []);
        return (function* () {
          if (startResponse.length >= 0) throw new Error('secret detail');
          yield '';
        })();
      },
    ],
    [
      'returns a stream that fails',
      (_e, startResponse) => {
        startResponse('200 OK', []);
        return new Readable({
          read() {
            this.destroy(new Error('secret detail'));
          },
        });
      },
    ],
    [
      'returns a rejected item',
      (_e, startResponse) => {
        startResponse('200 OK', []);
        return [Promise.reject(new Error('secret detail'))];
      },
    ],
  ];
  for (const [name, application] of failing) {
    it(`are a 500 that says nothing, and one record with the stack, where it ${name}`, async () => {
      const { operations, log, dispatcher } = await answer(application, { target: '/path?q' });
      assert.deepEqual(
        operations.map(({ op, status }) => [op, status]),
        [['RESPOND', 500]],
      );
      assert.doesNotMatch(first(operations).body.toString(), /secret/);
      assert.equal(log.length, 1);
      assert.equal(first(log).level, 'error');
      assert.match(first(log).message, /application error: GET \/path\?q: .*secret detail/);
      assert.equal(first(log).fields['reason'], 'application-error');
      assert.match(String(first(log).fields['stack']), /secret detail/);
      assert.equal(dispatcher.running, 0);
    });
  }

  it('cut the connection after the first byte', async () => {
    const bodies = [
      (function* (): Generator<string> {
        yield 'first';
        throw new Error('late');
      })(),
      (async function* (): AsyncGenerator<string> {
        await Promise.resolve();
        yield 'first';
        throw new Error('late');
      })(),
    ];
    for (const body of bodies) {
      const { operations, log } = await answer(returning(() => body));
      assert.deepEqual(names(operations), ['BEGIN', 'CHUNK', 'ABORT']);
      assert.equal(log.length, 1);
    }
  });

  it('do not touch other requests of the batch', () => {
    const { core } = gatewayFor((environ, startResponse) => {
      if (environ.PATH_INFO === '/bad') throw new Error('bad');
      startResponse('200 OK', []);
      return 'good';
    });
    for (const [slot, target] of ['/a', '/bad', '/b'].entries()) core.putRequest({ slot, target });
    core.run();
    assert.deepEqual(
      [0, 1, 2].map((slot) => core.of(slot)[0]?.status),
      [200, 500, 200],
    );
  });
});

describe('a stream of the request body that fails', () => {
  it('is a record where nobody listens for its error', async () => {
    const { log } = await answer(
      (environ, startResponse) => {
        environ['wsgi.input'].toReadable().resume();
        startResponse('202 Accepted', []);
        return 'ok';
      },
      { method: 'POST', target: '/up', body: { kind: 'STREAM' } },
    );
    assert.deepEqual(
      log.map(({ level, message, fields }) => [level, message, fields['reason']]),
      [
        [
          'warn',
          'error in reading the request body: POST /up: InputClosedError: wsgi.input is closed: its request has been answered',
          'body-error',
        ],
      ],
    );
  });
});

describe('close()', () => {
  class Tracked {
    closed = 0;
    returned = 0;
    readonly #items: Iterator<unknown>;

    constructor(items: Iterable<unknown>) {
      this.#items = items[Symbol.iterator]();
    }

    [Symbol.iterator](): Iterator<unknown> {
      return {
        next: () => this.#items.next(),
        return: (): IteratorResult<unknown> => {
          this.returned += 1;
          return { done: true, value: undefined };
        },
      };
    }

    close(): void {
      this.closed += 1;
    }
  }

  const endings: readonly (readonly [string, () => Iterable<unknown>, number])[] = [
    ['after the last piece', () => ['a', 'b'], 0],
    ['after a piece of the wrong kind', () => ['a', 1], 1],
    [
      'after an error',
      function* () {
        yield 'a';
        throw new Error('x');
      },
      0,
    ],
    ['after a rejected piece', () => ['a', Promise.reject(new Error('x'))], 1],
  ];
  for (const [name, items, returned] of endings) {
    it(`is called once ${name}`, async () => {
      const body = new Tracked(items());
      await answer(returning(() => body));
      assert.deepEqual([body.closed, body.returned], [1, returned]);
    });
  }

  it('is called where startResponse was not', async () => {
    const body = new Tracked(['a']);
    await answer(() => body as ResponseBody);
    assert.equal(body.closed, 1);
  });

  it('is called for a list that has it', async () => {
    let closed = 0;
    const list = Object.assign(['a', 'b'], { close: () => (closed += 1) });
    const { body } = await answer(returning(() => list));
    assert.equal(body, 'ab');
    assert.equal(closed, 1);
  });

  it('may fail without harm to the response', async () => {
    const body = Object.assign(['a'], {
      close: () => {
        throw new Error('close failed');
      },
    });
    const { operations, log } = await answer(returning(() => body));
    assert.equal(names(operations).at(-1), 'END');
    assert.match(first(log).message, /error after the response.*close failed|close failed/);
  });

  it('destroys a stream that is not read to its end', async () => {
    const stream = new Readable({
      read() {
        this.push('x'.repeat(10));
      },
    });
    await answer((_environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', '5']]);
      return stream;
    });
    assert.equal(stream.destroyed, true);
  });
});

describe('wsgi.errors', () => {
  it('writes whole lines', async () => {
    const { errors } = await answer((environ, startResponse) => {
      const stream = environ['wsgi.errors'];
      stream.write('a');
      stream.write('b\nc\nd');
      stream.writelines(['e\n', 'f']);
      stream.flush();
      stream.flush();
      startResponse('200 OK', []);
      return '';
    });
    assert.deepEqual(errors, ['ab', 'c', 'de', 'f']);
  });
});
