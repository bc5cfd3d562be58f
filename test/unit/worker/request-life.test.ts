import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import type {
  Application,
  Environ,
  ResponseBody,
  StartResponse,
  Write,
} from '../../../src/app/types.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { returning } from './applications.js';
import { constants } from './fake-core.js';
import { gatewayFor, turn } from './gateway-harness.js';

/** Destroyed, and not closed yet: its error event is still to come. */
function failingSoon(): Readable {
  const stream = new Readable({
    read: () => undefined,
    destroy: (error, done) => void setImmediate(() => done(error)),
  });
  return stream.destroy(new Error('not to be seen'));
}

describe('an aborted request', () => {
  const client = constants.abortReason.CLIENT;

  it('aborts its signal with a typed reason', async () => {
    let reason: unknown;
    const { core, dispatcher, log } = gatewayFor(async (environ) => {
      const signal = environ['tsuwsgi.signal'];
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      reason = signal.reason;
      signal.throwIfAborted();
      return 'never';
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

  it("tells the listeners of its signal in the request's own asynchronous context", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { core } = gatewayFor(async (environ) => {
      storage.enterWith('this request');
      const listen = (): void => void seen.push(storage.getStore());
      environ['tsuwsgi.signal'].addEventListener('abort', listen);
      await new Promise(() => undefined);
      return 'never';
    });
    core.putRequest();
    core.run();
    core.putEvent('ABORTED', 1, 1, client);
    core.run();
    await turn();
    assert.deepEqual(seen, ['this request']);
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

  it('cancels a web stream whose next piece is still to come', async () => {
    let cancelled = 0;
    const { core, log } = gatewayFor(
      returning(
        () =>
          new ReadableStream<string>({
            start: (controller) => controller.enqueue('first'),
            cancel: () => void (cancelled += 1),
          }),
      ),
    );
    core.putRequest();
    core.run();
    await turn();
    assert.equal(core.bodyOf(1), 'first');
    core.putEvent('ABORTED', 1, 1, client);
    core.run();
    await turn();
    assert.equal(cancelled, 1);
    assert.deepEqual(log, []);
  });

  it('cancels a web stream over a Readable while the next read has just begun', async () => {
    const source = new Readable({ highWaterMark: 1, read: () => undefined });
    for (let piece = 0; piece < 5; piece += 1) source.push(Buffer.alloc(50_000));
    const { core, log } = gatewayFor(returning(() => Readable.toWeb(source)));
    core.putRequest();
    core.run();
    await turn();
    core.putEvent('WRITABLE', 1, 1);
    core.putEvent('ABORTED', 1, 1, client);
    core.run();
    await turn();
    assert.equal(source.destroyed, true);
    assert.deepEqual(log, []);
  });

  it('cancels a web stream that comes when the request is gone', async () => {
    let cancelled = 0;
    const late = new ReadableStream<string>({ cancel: () => void (cancelled += 1) });
    let give: (body: ReadableStream) => void = () => undefined;
    const { core, log } = gatewayFor(returning(() => new Promise((resolve) => (give = resolve))));
    core.putRequest();
    core.run();
    core.putEvent('ABORTED', 1, 1, client);
    core.run();
    give(late);
    await turn();
    assert.equal(cancelled, 1);
    assert.deepEqual(log, []);
  });

  const failing: readonly (readonly [string, (environ: Environ) => ResponseBody])[] = [
    ['a file that is not there', () => createReadStream('/no/such/file')],
    ['a wrapped one', (environ) => environ['wsgi.file_wrapper'](createReadStream('/no/such/file'))],
    ['a stream that is about to fail', () => failingSoon()],
  ];
  for (const [name, make] of failing) {
    it(`takes no harm from the error of ${name}, which comes too late`, async () => {
      let stream: ResponseBody;
      let give: () => void = () => undefined;
      const { core, log } = gatewayFor(async (environ, startResponse) => {
        await new Promise<void>((resolve) => (give = resolve));
        startResponse('200 OK', []);
        stream = make(environ);
        return stream;
      });
      core.putRequest();
      core.run();
      core.putEvent('ABORTED', 1, 1, client);
      core.run();
      give();
      await turn();
      await waitUntil('the stream to close', () => !(stream instanceof Readable) || stream.closed);
      assert.deepEqual(log, []);
    });
  }

  it('is no news where nobody listens for errors of its body', async () => {
    let stream: Readable | undefined;
    const { core, log } = gatewayFor((environ) => {
      stream = environ['wsgi.input'].toReadable().resume();
      return new Promise<string>(() => undefined);
    });
    core.putRequest({ method: 'POST', body: { kind: 'STREAM' } });
    core.run();
    core.putEvent('ABORTED', 1, 1, client);
    core.run();
    await turn();
    assert.equal(stream?.closed, true);
    assert.deepEqual(log, []);
  });

  it('does not end a request that has taken its slot since', () => {
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
            await Promise.resolve();
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
