import assert from 'node:assert/strict';
import type { Application, ResponseBody, Write } from '../../../src/app/types.js';
import { asyncPieces, first, names, pieces, statuses } from './applications.js';
import { answer, gatewayFor, turn } from './gateway-harness.js';

describe('startResponse', () => {
  it('must be called before a body is given', async () => {
    for (const body of ['x', [], pieces('x'), asyncPieces('x'), Promise.resolve('x')]) {
      const { operations, log } = await answer(() => body);
      assert.deepEqual(statuses(operations), [500]);
      assert.match(first(log).message, /without calling startResponse/);
    }
  });

  it('may be called while a generator starts', async () => {
    const { operations, body } = await answer((_environ, startResponse) =>
      (function* () {
        startResponse('201 Created', []);
        yield 'made';
      })(),
    );
    assert.equal(first(operations).status, 201);
    assert.equal(body, 'made');
  });

  it('throws when it is called twice', async () => {
    const { operations, log } = await answer((_environ, startResponse) => {
      startResponse('200 OK', []);
      startResponse('200 OK', []);
      return 'x';
    });
    assert.deepEqual(statuses(operations), [500]);
    assert.match(first(log).message, /called twice/);
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
    assert.match(first(log).message, /too late/);
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
    assert.equal(first(operations).status, 400);
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
        assert.deepEqual(statuses(operations), [500]);
        assert.match(first(log).message, /Content-Length is \d+, but the body has \d+ bytes/);
      });
    }
  }

  it('that is right is passed on', async () => {
    const { operations, body } = await answer(declaring('4', () => pieces('fo', 'ur')));
    assert.deepEqual(names(operations), ['BEGIN', 'CHUNK', 'CHUNK', 'END']);
    assert.equal(first(operations).declared, 4);
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
    assert.match(first(log).message, /cut at its Content-Length/);
  });

  it('cuts the connection of a stream that is too short', async () => {
    const { operations, log } = await answer(declaring('7', () => pieces('abc')));
    assert.deepEqual(names(operations), ['BEGIN', 'CHUNK', 'ABORT']);
    assert.match(first(log).message, /Content-Length is 7, but the body has 3 bytes/);
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
    assert.deepEqual(statuses(operations), [500]);
  });
});
