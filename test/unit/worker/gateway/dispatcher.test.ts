import assert from 'node:assert/strict';
import { fstatSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock } from 'node:test';
import { tempDir } from '../../../helpers/temp-dir.js';
import type { Application } from '../../../../src/app/types.js';
import { constants, type FakeCore } from '../fake-core.js';
import { answer, gatewayFor, turn } from '../gateway-harness.js';

const echo: Application = (environ, startResponse) => {
  startResponse('200 OK', []);
  return environ['wsgi.input'].read();
};

/**
 * An application that takes 2 ms for /slow and 1 µs for others, by a clock of its own, and how many answers had been sent
 * before each of its calls.
 */
function slowOnes(): { core: FakeCore; sentBefore: number[] } {
  const sentBefore: number[] = [];
  let now = 0;
  mock.method(performance, 'now', () => now);
  const { core } = gatewayFor((environ, startResponse) => {
    sentBefore.push(core.operations.filter(({ op }) => op === 'RESPOND').length);
    now += environ.PATH_INFO === '/slow' ? 2 : 0.001;
    startResponse('200 OK', []);
    return 'x';
  });
  return { core, sentBefore };
}

describe('dispatcher', () => {
  afterEach(() => mock.reset());

  it('answers a batch in one go', () => {
    const { core } = gatewayFor((environ, startResponse) => {
      startResponse('200 OK', []);
      return environ.PATH_INFO;
    });
    for (let slot = 0; slot < 10; slot++) core.putRequest({ slot, target: `/${slot}` });
    core.run();
    for (let slot = 0; slot < 10; slot++) assert.equal(core.bodyOf(slot), `/${slot}`);
  });

  it('sends answers that would wait for a slow neighbour', () => {
    const { core, sentBefore } = slowOnes();
    for (let slot = 0; slot < 4; slot++) core.putRequest({ slot, target: '/slow' });
    core.run();
    assert.deepEqual(sentBefore, [0, 1, 2, 3]);
  });

  it('sends answers that would wait for slow ones behind quick batches, also on one connection', () => {
    const { core, sentBefore } = slowOnes();
    const play = (target: string): void => {
      core.operations.length = sentBefore.length = 0;
      for (let slot = 0; slot < 24; slot++) core.putRequest({ slot, target });
      core.run();
    };
    play('/quick');
    play('/slow');
    assert.deepEqual(sentBefore.slice(0, 8), Array(8).fill(0));
    assert.deepEqual(
      sentBefore.slice(8),
      [...Array(16).keys()].map((index) => index + 8),
    );
  });

  it('has batches stamped anew that wait for slow ones, though none of their answers is there', () => {
    let now = 0;
    mock.method(performance, 'now', () => now);
    const { core } = gatewayFor(() => {
      now += 2;
      return new Promise<string>(() => undefined);
    });
    for (let slot = 0; slot < 4; slot++) core.putRequest({ slot });
    core.run();
    assert.equal(core.begunLater, 3);
  });

  it('sends answers of promises together, at the end of the turn', async () => {
    const { core } = gatewayFor(async (_environ, startResponse) => {
      await Promise.resolve();
      startResponse('200 OK', []);
      return 'x';
    });
    for (let slot = 0; slot < 5; slot++) core.putRequest({ slot });
    core.run();
    assert.equal(core.operations.length, 0);
    await turn();
    assert.equal(core.operations.filter(({ op }) => op === 'RESPOND').length, 5);
    assert.ok(core.flushes >= 1);
  });

  it('makes room when a batch fills the outbox', () => {
    const { core } = gatewayFor((_environ, startResponse) => {
      startResponse('200 OK', []);
      return 'x'.repeat(8000);
    }, 65_536);
    for (let slot = 0; slot < 30; slot++) core.putRequest({ slot });
    core.run();
    for (let slot = 0; slot < 30; slot++) assert.equal(core.bodyOf(slot).length, 8000);
    assert.ok(core.flushes >= 3);
  });

  it('takes bodies that came with the request', async () => {
    const bytes = Buffer.from('hello body');
    for (const kind of ['INLINE', 'MEMORY'] as const) {
      assert.equal(
        (await answer(echo, { method: 'POST', body: { kind, bytes } })).body,
        'hello body',
      );
    }
  });

  it('keeps an inline body after the core has reused the inbox', async () => {
    const { core } = gatewayFor(async (environ, startResponse) => {
      await Promise.resolve();
      startResponse('200 OK', []);
      return environ['wsgi.input'].read();
    });
    core.putRequest({ slot: 1, body: { kind: 'INLINE', bytes: Buffer.from('first') } });
    core.run();
    new Uint8Array(core.inbox).fill(0x7a);
    await turn();
    assert.equal(core.bodyOf(1), 'first');
  });

  it('owns the descriptor of a spooled body and closes it, read or not', async () => {
    const path = join(tempDir(), 'spool');
    writeFileSync(path, 'spooled');
    const applications: readonly Application[] = [
      echo,
      (_environ, startResponse) => {
        startResponse('200 OK', []);
        return 'unread';
      },
      () => {
        throw new Error('x');
      },
    ];
    for (const application of applications) {
      const fd = openSync(path, 'r');
      await answer(application, { body: { kind: 'FILE', fd, length: 7 } });
      assert.throws(() => fstatSync(fd), { code: 'EBADF' });
    }
  });

  it('closes a spooled body when the request is aborted', () => {
    const path = join(tempDir(), 'spool');
    writeFileSync(path, 'spooled');
    const fd = openSync(path, 'r');
    const { core } = gatewayFor(() => new Promise<string>(() => undefined));
    core.putRequest({ body: { kind: 'FILE', fd, length: 7 } });
    core.run();
    core.putEvent('ABORTED', 1, 1, constants.abortReason.CLIENT);
    core.run();
    assert.throws(() => fstatSync(fd), { code: 'EBADF' });
  });

  it('streams a body through the application', async () => {
    const { core } = gatewayFor((environ, startResponse) => {
      startResponse('200 OK', []);
      return environ['wsgi.input'].toReadable();
    });
    core.putRequest({ method: 'POST', body: { kind: 'STREAM' } });
    core.run();
    await turn();
    assert.deepEqual(
      core.of(1).map(({ op, bodyLength }) => [op, bodyLength]),
      [['READ_BODY', 65_536]],
    );
    core.putBody(Buffer.from('abc'));
    core.putBody(Buffer.from('def'));
    core.run();
    await turn();
    core.putEvent('BODY_END');
    core.run();
    await turn();
    assert.equal(core.bodyOf(1), 'abcdef');
    assert.equal(core.of(1).at(-1)?.op, 'END');
  });

  it('tells the reader of a streamed body why it ended early', async () => {
    let failure: unknown;
    const { core } = gatewayFor(async (environ, startResponse) => {
      startResponse('200 OK', []);
      try {
        for await (const piece of environ['wsgi.input']) assert.ok(piece.length > 0);
      } catch (error) {
        failure = error;
      }
      return '';
    });
    core.putRequest({ method: 'POST', body: { kind: 'STREAM' } });
    core.run();
    await turn();
    core.putEvent('BODY_END', 1, 1, constants.abortReason.BAD_BODY);
    core.run();
    await turn();
    assert.deepEqual(
      failure,
      Object.assign(failure as Error, { name: 'RequestAbortedError', reason: 'bad-body' }),
    );
  });
});

describe('a mistake of our own', () => {
  it('costs its request and no other of the batch', () => {
    const { core, log } = gatewayFor((_environ, startResponse) => {
      startResponse('200 OK', []);
      return 'fine';
    });
    core.putRequest({ slot: 1, template: { id: 9, use: 'same-line' } });
    core.putRequest({ slot: 2 });
    core.run();
    assert.deepEqual(
      core.of(1).map(({ op }) => op),
      ['ABORT'],
    );
    assert.equal(core.bodyOf(2), 'fine');
    assert.deepEqual(
      log.map(({ fields }) => fields['reason']),
      ['internal-error'],
    );
  });
});
