import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import type { Application, ResponseBody, StartResponse, Write } from '../../../src/app/types.js';
import { answer, gatewayFor, turn } from './gateway-harness.js';
import { constants, type Operation } from './fake-core.js';

const names = (operations: readonly Operation[]): string[] =>
  operations.map(({ op }) => op).filter((op) => op !== 'DEFINE_HEAD');

/** An application that answers 200 with what `make` returns. */
function returning(make: () => unknown): Application {
  return (_environ, startResponse) => {
    startResponse('200 OK', [['X-Kind', 'test']]);
    return make() as ResponseBody;
  };
}

async function* asyncPieces(...pieces: string[]): AsyncGenerator<string> {
  for (const piece of pieces) {
    await Promise.resolve();
    yield piece;
  }
}

function* pieces(...all: string[]): Generator<string> {
  yield* all;
}

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
      assert.equal(operations[0]?.body.toString(), expected);
      assert.equal(operations[0]?.headText, 'OK\r\nX-Kind: test\r\n');
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
      assert.equal(operations[0]?.declared, -1);
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
    assert.equal(operations[0]?.declared, 100_000);
    assert.equal(core.retained[0], large);
  });

  it('may be a string whose UTF-8 is larger than the string', async () => {
    const text = '\u4f60'.repeat(20_000);
    const { operations, body } = await answer(returning(() => text));
    assert.equal(operations[0]?.declared, 60_000);
    assert.equal(body, text);
  });

  it('has a known length for a long list', async () => {
    const list = Array.from({ length: 5 }, () => 'x'.repeat(10_000));
    const { operations, core } = await answer(returning(() => list));
    assert.equal(operations[0]?.declared, 50_000);
    assert.equal(core.bodyOf(1).length, 50_000);
  });

  it('is larger than the outbox if need be', async () => {
    const { core } = gatewayFor(
      returning(() => pieces('x'.repeat(30_000), 'y'.repeat(20_000))),
      8192,
    );
    core.putRequest();
    core.run();
    await turn();
    assert.equal(core.bodyOf(1), 'x'.repeat(30_000) + 'y'.repeat(20_000));
    assert.ok(core.flushes > 4);
  });

  const wrong: readonly (readonly [string, () => unknown, RegExp])[] = [
    ['a number', () => 42, /returned a number: expected a string, bytes/],
    ['an object', () => ({ a: 1 }), /returned an object \(Object\)/],
    ['a function', () => () => 'x', /returned a function/],
    ['a list of numbers', () => [1, 2], /its iterable gave a number/],
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
      assert.deepEqual(
        operations.map(({ status }) => status),
        [500],
      );
      assert.equal(log.length, 1);
      assert.match(log[0]?.message ?? '', message);
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
      assert.equal(operations[0]?.bodyLength, 0);
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
    assert.equal(operations[0]?.declared, 6);
    assert.equal(operations[0]?.bodyLength, 0);
    const declared = await answer((_environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', '1000']]);
      return [];
    }, head);
    assert.equal(declared.operations[0]?.declared, 1000);
    assert.deepEqual(declared.log, []);
    const unknown = await answer(
      returning(() => []),
      head,
    );
    assert.equal(unknown.operations[0]?.declared, -1);
  });

  it('204 has no length, 304 the declared one', async () => {
    const operations = await Promise.all(
      ['204 No Content', '304 Not Modified'].map(async (status) => {
        const result = await answer((_environ, startResponse) => {
          startResponse(status, [['Content-Length', '3']]);
          return 'abc';
        });
        return result.operations[0]?.declared;
      }),
    );
    assert.deepEqual(operations, [-1, 3]);
  });
});

describe('startResponse', () => {
  it('must be called before a body is given', async () => {
    for (const body of ['x', [], pieces('x'), asyncPieces('x'), Promise.resolve('x')]) {
      const { operations, log } = await answer(() => body);
      assert.deepEqual(
        operations.map(({ status }) => status),
        [500],
      );
      assert.match(log[0]?.message ?? '', /without calling startResponse/);
    }
  });

  it('may be called while a generator starts', async () => {
    const { operations, body } = await answer((_environ, startResponse) =>
      (function* () {
        startResponse('201 Created', []);
        yield 'made';
      })(),
    );
    assert.equal(operations[0]?.status, 201);
    assert.equal(body, 'made');
  });

  it('throws when it is called twice', async () => {
    const { operations, log } = await answer((_environ, startResponse) => {
      startResponse('200 OK', []);
      startResponse('200 OK', []);
      return 'x';
    });
    assert.deepEqual(
      operations.map(({ status }) => status),
      [500],
    );
    assert.match(log[0]?.message ?? '', /called twice/);
  });

  it('replaces the head with an error, before the first byte', async () => {
    const { operations, log } = await answer((_environ, startResponse) => {
      startResponse('200 OK', [['A', 'b']]);
      startResponse('503 Service Unavailable', [], new Error('backend'));
      return 'sorry';
    });
    assert.deepEqual(
      operations.map(({ status, body }) => [status, body.toString()]),
      [[503, 'sorry']],
    );
    assert.deepEqual(log, []);
  });

  it('throws the error after the first byte, which cuts the connection', async () => {
    const failure = new Error('too late');
    const { operations, log } = await answer((_environ, startResponse) =>
      (function* () {
        startResponse('200 OK', []);
        yield 'first';
        startResponse('500 Oops', [], failure);
        yield 'never';
      })(),
    );
    assert.deepEqual(names(operations), ['BEGIN', 'CHUNK', 'ABORT']);
    assert.match(log[0]?.message ?? '', /too late/);
  });

  it('lets the application catch what is wrong with its headers', async () => {
    const { operations, log } = await answer((_environ, startResponse) => {
      try {
        startResponse('200 OK', [['Bad\nName', 'x']]);
      } catch {
        startResponse('400 Bad Request', []);
      }
      return 'caught';
    });
    assert.equal(operations[0]?.status, 400);
    assert.deepEqual(log, []);
  });
});

describe('Content-Length', () => {
  function declaring(length: string, body: () => ResponseBody): Application {
    return (_environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', length]]);
      return body();
    };
  }

  const large = (): string[] => Array.from({ length: 9 }, () => 'x'.repeat(5000));
  const bodies: readonly (readonly [string, () => ResponseBody])[] = [
    ['a string', () => 'four'],
    ['a list', () => ['fo', 'ur']],
    ['a lent body', () => 'x'.repeat(50_000)],
    ['a long list', large],
  ];
  for (const [name, body] of bodies) {
    for (const length of ['3', '60000']) {
      it(`${length} that is wrong for ${name} is a 500 with a record`, async () => {
        const { operations, log } = await answer(declaring(length, body));
        assert.deepEqual(
          operations.map(({ status }) => status),
          [500],
        );
        assert.match(log[0]?.message ?? '', /Content-Length is \d+, but the body has \d+ bytes/);
      });
    }
  }

  it('that is right is passed on', async () => {
    const { operations, body } = await answer(declaring('4', () => pieces('fo', 'ur')));
    assert.deepEqual(names(operations), ['BEGIN', 'CHUNK', 'CHUNK', 'END']);
    assert.equal(operations[0]?.declared, 4);
    assert.equal(body, 'four');
  });

  it('cuts a stream that is too long, and closes it', async () => {
    let closed = false;
    const endless = function* (): Generator<string> {
      try {
        for (;;) yield 'abc';
      } finally {
        closed = true;
      }
    };
    const { operations, body, log } = await answer(declaring('7', endless));
    assert.equal(body, 'abcabca');
    assert.equal(names(operations).at(-1), 'END');
    assert.equal(closed, true);
    assert.match(log[0]?.message ?? '', /cut at its Content-Length/);
  });

  it('cuts the connection of a stream that is too short', async () => {
    const { operations, log } = await answer(declaring('7', () => pieces('abc')));
    assert.deepEqual(names(operations), ['BEGIN', 'CHUNK', 'ABORT']);
    assert.match(log[0]?.message ?? '', /Content-Length is 7, but the body has 3 bytes/);
  });
});

describe('write()', () => {
  it('sends before what is returned', async () => {
    const { operations, body } = await answer((_environ, startResponse) => {
      const write = startResponse('200 OK', []);
      void write('a');
      void write(Buffer.from('b'));
      return ['c'];
    });
    assert.deepEqual(names(operations), ['BEGIN', 'CHUNK', 'CHUNK', 'CHUNK', 'END']);
    assert.equal(body, 'abc');
  });

  it('works over time in an async application', async () => {
    const { operations, body } = await answer(async (_environ, startResponse) => {
      const write = startResponse('200 OK', []);
      await write('a');
      await Promise.resolve();
      await write('b');
    });
    assert.equal(names(operations).at(-1), 'END');
    assert.equal(body, 'ab');
  });

  it('waits for a slow client', async () => {
    let written = 0;
    const { core } = gatewayFor(async (_environ, startResponse) => {
      const write = startResponse('200 OK', []);
      for (; written < 5; written += 1) await write(Buffer.alloc(40_000));
    });
    core.putRequest();
    core.run();
    await turn();
    assert.equal(written, 1);
    core.putEvent('WRITABLE');
    core.run();
    await turn();
    assert.equal(written, 3);
  });

  it('is ignored with a warning after the end', async () => {
    let write: Write = () => Promise.resolve();
    const { log, operations } = await answer((_environ, startResponse) => {
      write = startResponse('200 OK', []);
      return 'done';
    });
    await write('late');
    await write('later');
    assert.deepEqual(names(operations), ['RESPOND']);
    assert.deepEqual(
      log.map(({ level }) => level),
      ['warn'],
    );
  });

  it('refuses what is neither string nor bytes', async () => {
    const { operations } = await answer((_environ, startResponse) => {
      void startResponse('200 OK', [])(7 as unknown as string);
      return '';
    });
    assert.deepEqual(
      operations.map(({ status }) => status),
      [500],
    );
  });
});

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
        throw 'secret detail';
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
      assert.doesNotMatch(operations[0]?.body.toString() ?? '', /secret/);
      assert.equal(log.length, 1);
      assert.equal(log[0]?.level, 'error');
      assert.match(log[0]?.message ?? '', /application error: GET \/path\?q: .*secret detail/);
      assert.equal(log[0]?.fields['reason'], 'application-error');
      assert.match(String(log[0]?.fields['stack']), /secret detail/);
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

  it('do not touch other requests of the batch', async () => {
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
    assert.match(log[0]?.message ?? '', /error after the response.*close failed|close failed/);
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

describe('an aborted request', () => {
  const client = constants.abortReason.CLIENT;

  it('aborts its signal with a typed reason', async () => {
    let reason: unknown;
    const { core, dispatcher, log } = gatewayFor(async (environ) => {
      const signal = environ['tsuwsgi.signal'];
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ({ reason } = signal);
      throw signal.reason;
    });
    core.putRequest();
    core.run();
    core.putEvent('ABORTED', 1, 1, constants.abortReason.DRAINING);
    core.run();
    await turn();
    assert.equal((reason as { reason: string }).reason, 'draining');
    assert.equal(dispatcher.running, 0);
    assert.deepEqual(core.of(1), []);
    assert.deepEqual(log, []);
  });

  it('stops its generator, which runs its finally and is asked for nothing more', async () => {
    const steps: string[] = [];
    const body = function* (): Generator<Buffer> {
      try {
        for (;;) {
          steps.push('piece');
          yield Buffer.alloc(50_000);
        }
      } finally {
        steps.push('finally');
      }
    };
    const { core, dispatcher } = gatewayFor(returning(body));
    core.putRequest();
    core.run();
    await turn();
    assert.deepEqual(steps, ['piece', 'piece']);
    core.putEvent('ABORTED', 1, 1, client);
    core.run();
    await turn();
    assert.deepEqual(steps, ['piece', 'piece', 'finally']);
    assert.equal(dispatcher.running, 0);
  });

  it('closes a body that is promised too late', async () => {
    let closed = 0;
    let give: (body: ResponseBody) => void = () => undefined;
    const { core } = gatewayFor(
      () =>
        new Promise((resolve) => {
          give = resolve;
        }),
    );
    core.putRequest();
    core.run();
    core.putEvent('ABORTED', 1, 1, client);
    core.run();
    give(Object.assign(['x'], { close: () => (closed += 1) }));
    await turn();
    assert.equal(closed, 1);
    assert.deepEqual(core.of(1), []);
  });

  it('takes writes without effect', async () => {
    let write: Write = () => Promise.resolve();
    const { core } = gatewayFor((_environ, startResponse) => {
      write = startResponse('200 OK', []);
      return new Promise<string>(() => undefined);
    });
    core.putRequest();
    core.run();
    await write('a');
    core.putEvent('ABORTED', 1, 1, client);
    core.run();
    await write('b');
    await turn();
    assert.equal(core.bodyOf(1), 'a');
  });

  it('does not end a request that has taken its slot since', async () => {
    const { core, dispatcher } = gatewayFor(() => new Promise<string>(() => undefined));
    core.putRequest({ slot: 4, generation: 2 });
    core.putEvent('ABORTED', 4, 1, client);
    core.run();
    assert.equal(dispatcher.running, 1);
  });
});

describe('backpressure', () => {
  it('pauses a generator until the client has read', async () => {
    let produced = 0;
    const { core } = gatewayFor(
      returning(function* () {
        for (; produced < 100; produced += 1) yield Buffer.alloc(16_384);
      }),
    );
    core.putRequest();
    core.run();
    await turn();
    assert.equal(produced, 3);
    core.putEvent('WRITABLE');
    core.run();
    await turn();
    assert.equal(produced, 7);
  });

  it('pauses an async generator and a stream', async () => {
    for (const make of [
      (count: () => void) =>
        (async function* () {
          for (;;) {
            count();
            yield Buffer.alloc(16_384);
          }
        })(),
      (count: () => void) =>
        new Readable({
          highWaterMark: 1,
          read() {
            count();
            this.push(Buffer.alloc(16_384));
          },
        }),
    ]) {
      let produced = 0;
      const { core } = gatewayFor(returning(() => make(() => (produced += 1))));
      core.putRequest();
      core.run();
      for (let i = 0; i < 20; i++) await turn();
      assert.ok(produced >= 4 && produced <= 6, `${produced} pieces`);
      core.putEvent('ABORTED', 1, 1, constants.abortReason.CLIENT);
      core.run();
      await turn();
    }
  });
});

describe('AsyncLocalStorage', () => {
  const store = new AsyncLocalStorage<string>();

  function entering(
    respond: (startResponse: StartResponse) => ResponseBody | Promise<ResponseBody>,
  ): Application {
    return (environ, startResponse) => {
      assert.equal(store.getStore(), undefined, 'the store of another request is visible');
      store.enterWith(environ.PATH_INFO);
      return respond(startResponse);
    };
  }

  const kinds: readonly (readonly [string, Application])[] = [
    [
      'a plain function',
      entering((start) => {
        start('200 OK', []);
        return store.getStore();
      }),
    ],
    [
      'an async function',
      entering(async (start) => {
        await Promise.resolve();
        start('200 OK', []);
        return store.getStore();
      }),
    ],
    [
      'a generator',
      entering((start) => {
        start('200 OK', []);
        return (function* () {
          yield store.getStore() ?? 'nothing';
        })();
      }),
    ],
    [
      'a generator that goes on later',
      entering((start) => {
        start('200 OK', []);
        return (function* () {
          yield Promise.resolve('');
          yield store.getStore() ?? 'nothing';
        })();
      }),
    ],
    [
      'an async generator',
      entering((start) => {
        start('200 OK', []);
        return (async function* () {
          await Promise.resolve();
          yield store.getStore() ?? 'nothing';
        })();
      }),
    ],
  ];
  for (const [name, application] of kinds) {
    it(`belongs to one request of a batch in ${name}`, async () => {
      const { core, log } = gatewayFor(application);
      for (let slot = 0; slot < 5; slot++) core.putRequest({ slot, target: `/r${slot}` });
      core.run();
      await turn();
      assert.deepEqual(log, []);
      assert.deepEqual(
        [0, 1, 2, 3, 4].map((slot) => core.bodyOf(slot)),
        ['/r0', '/r1', '/r2', '/r3', '/r4'],
      );
      assert.equal(store.getStore(), undefined);
    });
  }

  it('holds when a generator goes on after backpressure', async () => {
    const seen: (string | undefined)[] = [];
    const { core } = gatewayFor(
      entering((start) => {
        start('200 OK', []);
        return (function* () {
          for (let i = 0; i < 3; i++) {
            seen.push(store.getStore());
            yield Buffer.alloc(70_000);
          }
        })();
      }),
    );
    core.putRequest({ target: '/slow' });
    core.run();
    for (let i = 0; i < 3; i++) {
      await turn();
      core.putEvent('WRITABLE');
      core.run();
    }
    await turn();
    assert.deepEqual(seen, ['/slow', '/slow', '/slow']);
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
