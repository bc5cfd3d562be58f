import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { get } from '../helpers/get.js';
import { KeptLoad } from '../helpers/kept-load.js';
import { RawSocket } from '../helpers/raw-socket.js';
import { startServer, type Server, type ServerOptions } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

/** `/busy`: keeps the JavaScript thread for 15 ms. */
const SOURCE = `
const spend = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };
export const application = (environ, startResponse) => {
  if (environ.PATH_INFO === '/busy') spend(15);
  startResponse('200 OK', []);
  return String(process.pid);
};
`;

const GET = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n';
const CHEAP = /cheap mode enabled: waiting for socket connection/;
const NO_WAIT: ServerOptions = { waitForReady: false };

interface App {
  readonly directory: string;
  readonly args: readonly string[];
}

function app(): App {
  const directory = tempFiles({ 'app.mjs': SOURCE });
  return { directory, args: ['--wsgi-file', join(directory, 'app.mjs'), '-L'] };
}

async function start(args: readonly string[], options: ServerOptions = {}): Promise<Server> {
  return startServer([...args, ...app().args], options);
}

async function workersAre(server: Server, count: number): Promise<void> {
  await waitUntil(`${count} worker(s)`, () => server.workers().length === count, 60_000);
}

async function logged(server: Server, pattern: RegExp, count = 1): Promise<void> {
  const what = `${count} lines ${pattern.source}`;
  await waitUntil(what, () => server.log.matching(pattern).length >= count, 60_000);
}

/** A load that is more than one worker has time for, and less than two. */
function busyLoad(server: Server): KeptLoad {
  return new KeptLoad({ target: server.port, connections: 8, rate: 60, path: '/busy' });
}

describe('adaptive workers', () => {
  for (const algorithm of [
    ['spare', '--cheaper-overload', '1'],
    ['busyness', '--cheaper-overload', '1', '--cheaper-busyness-multiplier', '2'],
  ]) {
    it(`grow under load and shrink without it, and lose nothing (${algorithm[0]})`, async () => {
      const server = await start([
        '--processes',
        '3',
        '--cheaper',
        '1',
        '--cheaper-algo',
        ...algorithm,
      ]);
      assert.equal(server.workers().length, 1);
      const load = busyLoad(server);
      await logged(server, /1 worker\(s\) more, 2 in all: /);
      await logged(server, /worker 2 .*is ready/);
      await load.answered(60);
      await load.stop();
      assert.deepEqual(load.complaints(), []);
      await workersAre(server, 1);
      assert.equal((await get(server.port, '/')).status, 200);
      await logged(server, /worker \d+ cheaped \(drained\)/);
      assert.equal(server.log.matching(/trying respawn/).length, 0);
    });
  }

  it('are not started while memory is short', async () => {
    const limits = ['--cheaper-rss-limit-soft', '1m', '--cheaper-overload', '1'];
    const server = await start(['--processes', '2', '--cheaper', '1', ...limits]);
    server.allowAlert(/cheaper-rss-limit-soft/);
    const load = busyLoad(server);
    await logged(
      server,
      /MB of resident memory together \(cheaper-rss-limit-soft\): no worker is added/,
    );
    await load.answered(120);
    await load.stop();
    assert.equal(server.log.matching(/worker\(s\) more/).length, 0);
    assert.equal(server.workers().length, 1);
  });

  it('end while they have too much memory, down to the minimum', async () => {
    const counts = ['--processes', '4', '--cheaper', '1', '--cheaper-initial', '3'];
    const limits = ['--cheaper-algo', 'manual', '--cheaper-rss-limit-hard', '1m'];
    const server = await start([...counts, ...limits]);
    await logged(server, /cheaped/, 2);
    await workersAre(server, 1);
    assert.equal((await get(server.port, '/')).status, 200);
  });

  it('come and go as the operator says', async () => {
    const { directory, args } = app();
    const fifo = join(directory, 'fifo');
    const count = ['--processes', '3', '--cheaper', '1', '--cheaper-algo', 'manual'];
    const server = await startServer([...count, '--master-fifo', fifo, ...args]);
    const tell = (letter: string): void => writeFileSync(fifo, letter);
    tell('+');
    await workersAre(server, 2);
    await logged(server, /worker 2 .*is ready/);
    tell('-');
    await workersAre(server, 1);
    tell('-');
    await logged(server, /no worker is removed: 1 run, between 1 and 3 may/);
    tell('C');
    await workersAre(server, 0);
    await logged(server, CHEAP);
    assert.equal((await get(server.port, '/')).status, 200);
  });
});

describe('a server without workers', () => {
  const withoutWorkers = async (args: readonly string[]): Promise<Server> => {
    const server = await start(args, NO_WAIT);
    await server.log.waitFor(CHEAP);
    assert.deepEqual(server.workers(), []);
    return server;
  };

  it('starts them at the first connection, which is answered', async () => {
    const server = await withoutWorkers(['--processes', '2', '--cheap']);
    const answers = await Promise.all([1, 2, 3].map(() => get(server.port, '/')));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200],
    );
    await workersAre(server, 2);
  });

  it('hears clients of a UNIX socket too', async () => {
    const { directory, args } = app();
    const socket = join(directory, 'http.sock');
    const server = await startServer(['--cheap', '--http-socket', socket, ...args], NO_WAIT);
    await server.log.waitFor(CHEAP);
    const load = new KeptLoad({ target: socket, connections: 2, rate: 20 });
    await load.answered(20);
    await load.stop();
    assert.deepEqual(load.complaints(), []);
  });

  it('starts them for clients of a router', async () => {
    const { args } = app();
    const server = await startServer(['--cheap', '--http', '127.0.0.1:0', ...args], {
      ...NO_WAIT,
      ownSockets: true,
    });
    await server.log.waitFor(/all routers are ready/);
    assert.equal(server.log.matching(/worker 1 .*is ready/).length, 0);
    const port = Number(/http bound on 127\.0\.0\.1:(\d+)/.exec(server.log.text)?.[1]);
    assert.equal((await get(port, '/')).status, 200);
  });

  it('starts --cheaper of them', async () => {
    const server = await withoutWorkers(['--processes', '3', '--cheaper', '1', '--cheap']);
    assert.equal((await get(server.port, '/')).status, 200);
    assert.equal(server.workers().length, 1);
  });

  it('ends them after --idle seconds and starts them again, as often as it is needed', async () => {
    const server = await start(['--processes', '2', '--idle', '1']);
    for (const round of [1, 2, 3]) {
      await logged(server, /inactive for more than 1 seconds: all workers end/, round);
      await workersAre(server, 0);
      assert.equal((await get(server.port, '/')).status, 200);
    }
  });

  it('refuses nobody who comes while the workers leave', async () => {
    const server = await start(['--idle', '1']);
    for (let round = 1; round <= 3; round += 1) {
      const rests = server.log.matching(/all workers end/).length;
      assert.equal((await get(server.port, '/')).status, 200);
      await logged(server, /all workers end/, rests + 1);
      const answers = await Promise.all([1, 2, 3, 4].map(() => get(server.port, '/')));
      assert.ok(answers.every(({ status }) => status === 200));
    }
  });

  for (const then of [[], ['--die-on-idle']]) {
    it(`closes no connection that a client keeps, and waits for its time-out ${then.join('')}`, async () => {
      const server = await start(['--idle', '2', '--keepalive-timeout', '5', ...then]);
      const client = await RawSocket.connect(server.port);
      const asked = performance.now();
      await client.request(GET);
      const idle = /workers have been inactive for more than 2 seconds/;
      // Moments are compared, not the order of both: where this process is held up it sees them at once.
      const [ending, restedAt] = await Promise.all([
        client.waitForEnding(),
        logged(server, idle).then(() => performance.now()),
      ]);
      assert.equal(ending, 'end');
      assert.ok(restedAt - asked >= 4900, `rested after ${restedAt - asked} ms`);
      if (then.length > 0) assert.equal((await server.end()).code, 0);
    });
  }

  it('does not take a long request for idleness', async () => {
    const directory = tempFiles({
      'app.mjs': `
        export const application = async (environ, startResponse) => {
          await new Promise((resolve) => setTimeout(resolve, 2500));
          startResponse('200 OK', []);
          return 'late';
        };`,
    });
    const server = await startServer(['--idle', '1', '--wsgi-file', join(directory, 'app.mjs')]);
    assert.equal((await get(server.port, '/')).text, 'late');
    await logged(server, /all workers end/);
  });

  it('ends with --die-on-idle, and that is no failure', async () => {
    const server = await start(['--idle', '1', '--die-on-idle']);
    assert.equal((await get(server.port, '/')).status, 200);
    assert.deepEqual(await server.end(60_000), { code: 0, signal: null });
    assert.match(server.log.text, /inactive for more than 1 seconds \(die-on-idle\)/);
  });

  it('stops at once while it rests', async () => {
    const server = await withoutWorkers(['--cheap']);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
  });

  it('ends with the error where the application cannot be loaded', async () => {
    const server = await startServer(['--cheap', '--wsgi-file', '/nonexistent/app.mjs'], NO_WAIT);
    server.allowAlert(/cannot load the application/);
    await server.log.waitFor(CHEAP);
    await assert.rejects(get(server.port, '/'));
    assert.notEqual((await server.end()).code, 0);
  });
});

describe('workers that boot', () => {
  it('do so --boot-concurrency at a time', async () => {
    const server = await start(['--processes', '3', '--boot-concurrency', '1']);
    const events = server.log.lines.flatMap((line) => {
      const [, worker] = /spawned tsuwsgi-native worker (\d)/.exec(line) ?? [];
      if (worker !== undefined) return [`start ${worker}`];
      const [, ready] = /worker (\d) .*is ready after/.exec(line) ?? [];
      return ready === undefined ? [] : [`ready ${ready}`];
    });
    assert.deepEqual(events, ['start 1', 'ready 1', 'start 2', 'ready 2', 'start 3', 'ready 3']);
  });
});
