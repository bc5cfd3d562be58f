import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { get } from '../helpers/get.js';
import { Load } from '../helpers/load.js';
import { readAll } from '../helpers/read-all.js';
import { startServer, testApp, type Server } from '../helpers/server.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const CACHES = [
  ...['--cache2', 'name=first,items=100,blocksize=4096'],
  ...['--cache2', 'name=second,items=10'],
];

function start(args: readonly string[], env: Record<string, string> = {}): Promise<Server> {
  return startServer(['--locks', '4', '-L', ...args, '--wsgi-file', testApp('functions.ts')], {
    env,
  });
}

async function ask<T>(server: Server, path: string): Promise<T> {
  const response = await get(server.port, path);
  assert.equal(response.status, 200, response.text);
  return JSON.parse(response.text) as T;
}

interface Facts {
  readonly workerId: number;
  readonly pid: number;
}

interface Noted {
  readonly what: string;
  readonly worker: number;
  readonly pid: number;
}

function notes(file: string): Noted[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [what = '', worker, pid] = line.split(' ');
    return { what, worker: Number(worker), pid: Number(pid) };
  });
}

for (const mode of [[], ['--threads', '2']]) {
  const name = mode.length === 0 ? 'loop mode' : 'pool mode';

  describe(`functions for applications: facts (${name})`, () => {
    let server: Server;
    before(async () => {
      server = await start(['--processes', '2', ...mode, ...CACHES]);
    });
    after(() => server.stop());

    it('know worker, master and options, also where the package is required', async () => {
      const { workerId, pid, ...facts } = await ask<Facts & Record<string, unknown>>(
        server,
        '/facts',
      );
      assert.deepEqual(facts, {
        required: workerId,
        masterPid: server.pid,
        numProc: 2,
        mode: mode.length === 0 ? 'loop' : 'pool',
        processes: 2,
        frozen: true,
      });
      assert.ok(server.workers().some((worker) => worker.pid === pid));
    });

    it('see all workers', async () => {
      const workers = await ask<{ id: number; pid: number; state: string }[]>(server, '/workers');
      assert.deepEqual(
        workers.map(({ id }) => id),
        [1, 2],
      );
      assert.deepEqual(
        workers.map(({ pid }) => pid).sort(),
        server
          .workers()
          .map(({ pid }) => pid)
          .sort(),
      );
      assert.deepEqual(workers.map(({ state }) => state).sort(), ['busy', 'idle']);
    });

    it('name each request, also behind an await', async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => ask<string[]>(server, '/request')),
      );
      for (const [before, behind, environ] of answers) {
        assert.equal(before, behind);
        assert.equal(before, environ);
      }
      assert.equal(new Set(answers.map(([id]) => id)).size, 20);
    });

    it('write to the log, with the level', async () => {
      await ask(server, '/log');
      await server.log.waitFor(/ - a line from the application$/);
    });

    it('give one request its own deadline', async () => {
      const response = await get(server.port, '/late');
      assert.equal(response.status, 504);
      await server.log.waitFor(/HARAKIRI.*\/late/);
    });
  });
}

describe('functions for applications: cache', () => {
  let server: Server;
  before(async () => {
    server = await start(['--processes', '4', ...CACHES]);
  });
  after(() => server.stop());

  it('is one for all workers', async () => {
    await ask(server, '/set?shared');
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(server, '/get')));
    for (const answer of answers) assert.deepEqual(answer, ['shared', null]);
  });

  it('counts exactly what four workers add at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => ask<number>(server, '/inc')),
    );
    assert.equal(new Set(answers).size, 200);
    assert.equal(await ask(server, '/num'), 200);
  });

  it('says which limit was passed, and that a cache is missing', async () => {
    assert.equal(await ask(server, '/big'), 'ERR_TSUWSGI_CACHE_VALUE');
    assert.equal((await get(server.port, '/missing')).status, 500);
    await server.log.waitFor(/there is no cache "third": start it with --cache2 name=third/);
  });

  it('outlives its workers', async () => {
    await ask(server, '/set?kept');
    const before = server.workers().map(({ pid }) => pid);
    server.kill('SIGHUP');
    await server.log.waitFor(/graceful reload complete/);
    await waitUntil('the old workers’ end', () =>
      server.workers().every(({ pid }) => !before.includes(pid)),
    );
    assert.deepEqual(await ask(server, '/get'), ['kept', null]);
  });
});

describe('functions for applications: locks', () => {
  it('let one request of four workers in at a time', async () => {
    const server = await start(['--processes', '4', ...CACHES]);
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => ask<string>(server, '/excluded')),
    );
    assert.deepEqual([...new Set(answers)], ['alone']);
  });

  it('come back from a worker that is killed with one', async () => {
    const server = await start(['--processes', '2']);
    const victim = await ask<number>(server, '/hold');
    assert.equal(await ask(server, '/try'), false);
    const waiting: Promise<unknown>[] = [];
    await waitUntil('a request that waits in the other worker', async () => {
      waiting.push(ask(server, '/waits').catch(() => 'died with the worker'));
      const workers = await ask<{ pid: number; inFlight: number }[]>(server, '/workers');
      return workers.some(({ pid, inFlight }) => pid !== victim && inFlight >= 2);
    });
    process.kill(victim, 'SIGKILL');
    assert.ok((await Promise.all(waiting)).includes('got it'));
    assert.equal(await ask(server, '/waits'), 'got it');
    await server.log.waitFor(/died with a lock of the application: given back, others go on/);
    server.allowAlert(/./);
  });
});

describe('functions for applications: control', () => {
  it('reloads from a request under load, and loses none', async () => {
    const server = await start(['--processes', '2', ...CACHES]);
    const load = new Load(server.port, 4, '/facts');
    await ask(server, '/reload');
    await server.log.waitFor(/reload\(\) of the application: the tests say so \(worker \d\)/);
    await server.log.waitFor(/graceful reload complete/);
    await load.stop();
    assert.deepEqual(load.failures, []);
  });

  for (const master of ['--master', '--no-master']) {
    it(`stops from a request, which is answered (${master})`, async () => {
      const server = await start([master]);
      await ask(server, '/stop');
      assert.equal((await server.end()).code, 0);
      assert.match(server.log.text, /stop\(\) of the application: asked for by the application/);
    });
  }

  it('tells a worker that it drains, and waits for what it does then', async () => {
    const file = join(tempDir(), 'notes');
    const server = await start(['--processes', '2'], { FUNCTIONS_LOG: file });
    await server.stop();
    const ends = notes(file).filter(({ what }) => what.startsWith('drain'));
    assert.equal(ends.filter(({ what }) => what === 'draining').length, 2);
    assert.equal(ends.filter(({ what }) => what === 'drained').length, 2);
  });

  it('does without a master what can be done', async () => {
    const server = await start(['--no-master', ...CACHES]);
    const facts = await ask<Facts & { masterPid: number }>(server, '/facts');
    assert.deepEqual([facts.masterPid, facts.workerId], [0, 1]);
    assert.equal(await ask(server, '/inc'), 1);
    assert.equal(await ask(server, '/excluded'), 'alone');
    await ask(server, '/reload');
    await server.log.waitFor(/reload\(\) of the application is ignored: .* without a master/);
  });
});

describe('functions for applications: signals and jobs', () => {
  it('reach all workers, or one of them', async () => {
    const file = join(tempDir(), 'notes');
    const stats = join(tempDir(), 'stats');
    const server = await start(['--processes', '3', '--stats', stats], { FUNCTIONS_LOG: file });
    await ask(server, '/signal');
    const seen = (): number[] =>
      notes(file)
        .filter(({ what }) => what === 'signal')
        .map(({ worker }) => worker)
        .sort();
    await waitUntil('the signal in three workers', () => seen().length >= 3);
    assert.deepEqual(seen(), [1, 2, 3]);
    const { workers } = JSON.parse(await readAll(stats)) as {
      readonly workers: readonly { readonly signals: number }[];
    };
    for (const { signals } of workers) assert.ok(signals >= 1);
    await waitUntil('a timer', () => notes(file).some(({ what }) => what === 'timer'));
  });

  it('run once a period, also when the worker that ran them is killed, and over reloads', async () => {
    const file = join(tempDir(), 'notes');
    const began = performance.now();
    const server = await start(['--processes', '2'], { FUNCTIONS_LOG: file });
    const jobs = (): Noted[] => notes(file).filter(({ what }) => what === 'job');
    await waitUntil('three runs', () => jobs().length >= 3);
    const victim = jobs().at(-1)?.pid ?? 0;
    process.kill(victim, 'SIGKILL');
    server.allowAlert(/./);
    const survived = (): boolean => jobs().filter(({ pid }) => pid !== victim).length >= 3;
    await waitUntil('runs elsewhere', survived);
    server.kill('SIGHUP');
    await server.log.waitFor(/graceful reload complete/);
    const before = jobs().length;
    await waitUntil('runs in new workers', () => jobs().length >= before + 3);
    const periods = (performance.now() - began) / 100;
    assert.ok(jobs().length <= periods + 1, `${jobs().length} runs in ${periods} periods`);
  });
});
