import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadyMessage } from '../../../../src/ipc/messages.js';
import type { ProcessExit } from '../../../../src/supervisor/workers/death-reason.js';
import {
  FIRST_QUEUE_FD,
  processSpawner,
  workerNodeArgs,
  type ProcessEvents,
  type SpawnWorker,
} from '../../../../src/supervisor/workers/spawn.js';
import { tempFiles } from '../../../helpers/temp-dir.js';
import { within, withResolvers } from '../../../helpers/wait-until.js';

describe('node arguments of workers', () => {
  it('pass through, except that debugger ports are free ones', () => {
    const args = ['--import', 'tsx', '--inspect=9229', '--inspect-brk=0.0.0.0:9229', '--inspect'];
    assert.deepEqual(workerNodeArgs([...args, '--inspect=[::1]:1', '--inspector=x']), [
      '--import',
      'tsx',
      '--inspect=0',
      '--inspect-brk=0.0.0.0:0',
      '--inspect=0',
      '--inspect=[::1]:0',
      '--inspector=x',
    ]);
  });
});

interface Outcome {
  readonly ready: readonly ReadyMessage[];
  readonly failures: readonly string[];
  readonly exit: ProcessExit;
}

interface Observed {
  readonly events: ProcessEvents;
  readonly farewell: Promise<string>;
  readonly outcome: Promise<Outcome>;
}

function observe(): Observed {
  const ready: ReadyMessage[] = [];
  const failures: string[] = [];
  const { promise, resolve } = withResolvers<Outcome>();
  const farewell = withResolvers<string>();
  const events: ProcessEvents = {
    messages: {
      ready: (message) => ready.push(message),
      'boot-failed': ({ message }) => failures.push(message),
      'queues-left': () => undefined,
      drained: () => undefined,
      bye: ({ reason }) => farewell.resolve(reason),
      command: () => undefined,
      schedule: () => undefined,
    },
    exited: (exit) => resolve({ ready, failures, exit }),
  };
  return { events, farewell: farewell.promise, outcome: within(promise, 'the process to exit') };
}

/** Without the options of the test's own node, which find their modules relative to the working directory. */
function spawner(files: string, directory = files): SpawnWorker {
  return processSpawner({ entry: join(files, 'entry.mjs'), directory, nodeArgs: [] });
}

describe('worker process', () => {
  it('inherits the descriptors in order, none else, and its last message arrives', async () => {
    const directory = tempFiles({
      'one.txt': '',
      'two.txt': '',
      'entry.mjs': `
        import { readlinkSync } from 'node:fs';
        const names = [${FIRST_QUEUE_FD}, ${FIRST_QUEUE_FD + 1}].map((fd) => readlinkSync('/proc/self/fd/' + fd));
        process.send({ type: 'boot-failed', message: names.join(), stack: '', exitCode: 3 });
        process.exit(3);`,
    });
    const files = ['one.txt', 'two.txt'].map((name) => join(directory, name));
    const fds = files.map((file) => openSync(file, 'r'));
    const { events, outcome } = observe();
    spawner(directory)(fds, events);
    fds.forEach((fd) => closeSync(fd));
    const { exit, failures } = await outcome;
    assert.deepEqual(failures, [files.join()]);
    assert.deepEqual(exit, { code: 3, signal: null });
  });

  it('starts in / when the directory is gone', async () => {
    const directory = tempFiles({
      'entry.mjs': `process.send({ type: 'ready', bootMs: process.cwd().length });
        process.disconnect();`,
    });
    const { events, outcome } = observe();
    spawner(directory, join(directory, 'gone'))([], events);
    assert.equal((await outcome).ready[0]?.bootMs, 1);
  });

  it('reports a process that cannot be started as an exit', async () => {
    const { events, outcome } = observe();
    const worker = spawner('/')([1_000_000], events);
    assert.equal(worker.pid, undefined);
    assert.ok((await outcome).exit.spawnError);
  });

  it('says goodbye for a worker that closes its channel and lives on', async () => {
    const directory = tempFiles({
      'entry.mjs': `process.disconnect(); setInterval(() => {}, 1000);`,
    });
    const { events, farewell, outcome } = observe();
    const worker = spawner(directory)([], events);
    assert.match(await within(farewell, 'a farewell'), /closed its channel/);
    worker.kill('SIGKILL');
    assert.equal((await outcome).exit.signal, 'SIGKILL');
  });

  it('ignores messages that are not ours', async () => {
    const directory = tempFiles({
      'entry.mjs': `process.send('hello'); process.send({ type: 'constructor' });
        process.send({ type: 'ready', bootMs: 7 }, () => process.disconnect());`,
    });
    const { events, outcome } = observe();
    spawner(directory)([], events);
    assert.deepEqual(
      (await outcome).ready.map(({ bootMs }) => bootMs),
      [7],
    );
  });
});
