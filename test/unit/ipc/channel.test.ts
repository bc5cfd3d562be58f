import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { channelToMaster, channelToWorker, type Channel } from '../../../src/ipc/channel.js';
import type { MasterMessage, WorkerMessage } from '../../../src/ipc/messages.js';
import { onCleanup } from '../../helpers/cleanup.js';
import { tempFiles } from '../../helpers/temp-dir.js';
import { within, withResolvers } from '../../helpers/wait-until.js';

const CHANNEL = fileURLToPath(new URL('../../../src/ipc/channel.ts', import.meta.url));

/** Repeats what it is told as a `bye`, and ends with code 5 when the master's end closes. */
const WORKER = `
  import { channelToMaster } from ${JSON.stringify(CHANNEL)};
  const echo = (message: { type: string }) => channel.send({ type: 'bye', reason: JSON.stringify(message) });
  const channel = channelToMaster(
    { start: echo, adopt: echo, release: echo, drain: echo, stop: () => channel.close() },
    () => process.exit(5),
  );
  channel.send({ type: 'ready', bootMs: 1 });
`;

interface Worker {
  readonly child: ChildProcess;
  readonly channel: Channel<MasterMessage>;
  readonly closed: Promise<undefined>;
  readonly next: () => Promise<WorkerMessage>;
}

/** Listens only when messages wait for it, and closes at the first one. */
const LATE_WORKER = `
  import { channelToMaster } from ${JSON.stringify(CHANNEL)};
  setTimeout(() => {
    const close = () => channel.close();
    const never = () => process.exit(1);
    const channel = channelToMaster(
      { start: never, adopt: close, release: never, drain: never, stop: never },
      () => process.exit(5),
    );
  }, 100);
`;

function startWorker(source = WORKER): Worker {
  const messages: WorkerMessage[] = [];
  let wake: () => void = () => undefined;
  const keep = (message: WorkerMessage): void => {
    messages.push(message);
    wake();
  };
  const child = fork(join(tempFiles({ 'worker.mts': source }), 'worker.mts'));
  onCleanup(() => void child.kill('SIGKILL'));
  const { promise, resolve } = withResolvers<undefined>();
  const handlers = {
    ready: keep,
    'boot-failed': keep,
    'queues-left': keep,
    drained: keep,
    bye: keep,
    command: keep,
    schedule: keep,
  };
  const channel = channelToWorker(child, handlers, () => resolve(undefined));
  const next = async (): Promise<WorkerMessage> => {
    for (;;) {
      const message = messages.shift();
      if (message !== undefined) return message;
      const more = withResolvers<undefined>();
      wake = () => more.resolve(undefined);
      await within(more.promise, 'a message');
    }
  };
  return { child, channel, closed: promise, next };
}

describe('channel', () => {
  it('carries messages both ways, in order', async () => {
    const { channel, next, child } = startWorker();
    assert.deepEqual(await next(), { type: 'ready', bootMs: 1 });
    const sent: MasterMessage[] = [
      { type: 'adopt', queues: [1, 2] },
      { type: 'drain', reason: 'line\nbreak', mercySeconds: 60 },
    ];
    for (const message of sent) channel.send(message);
    for (const message of sent) {
      assert.deepEqual(await next(), { type: 'bye', reason: JSON.stringify(message) });
    }
    channel.close();
    assert.deepEqual(await once(child, 'exit'), [5, null]);
  });

  it('tells the worker when the master closes', async () => {
    const { channel, next, child } = startWorker();
    await next();
    channel.close();
    channel.close();
    assert.deepEqual(await once(child, 'exit'), [5, null]);
    assert.equal(channel.send({ type: 'stop', reason: 'x' }), false);
  });

  it('tells the master when the worker closes', async () => {
    const { channel, next, closed } = startWorker();
    await next();
    channel.send({ type: 'stop', reason: 'x' });
    await within(closed, 'the channel to close');
  });

  it('may be closed by the handler of a message that had to wait', async () => {
    const { channel, child } = startWorker(LATE_WORKER);
    channel.send({ type: 'adopt', queues: [] });
    channel.send({ type: 'drain', reason: 'not delivered any more', mercySeconds: 60 });
    assert.deepEqual(await once(child, 'exit'), [5, null]);
  });

  it('does not throw when the worker is gone already', async () => {
    const { channel, next, child } = startWorker();
    await next();
    child.kill('SIGKILL');
    channel.send({ type: 'drain', reason: 'too late', mercySeconds: 60 });
    await once(child, 'close');
    assert.equal(channel.send({ type: 'drain', reason: 'later still', mercySeconds: 60 }), false);
  });

  it('refuses a process that has none', () => {
    const ignore = (): void => undefined;
    const handlers = {
      start: ignore,
      adopt: ignore,
      release: ignore,
      hold: ignore,
      'user-signal': ignore,
      'run-job': ignore,
      'reopen-log': ignore,
      drain: ignore,
      stop: ignore,
    };
    assert.throws(() => channelToMaster(handlers, ignore), /not started by a master/);
  });
});
