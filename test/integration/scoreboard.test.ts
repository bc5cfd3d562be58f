import assert from 'node:assert/strict';
import { get } from '../helpers/get.js';
import { RawSocket } from '../helpers/raw-socket.js';
import { readAll } from '../helpers/read-all.js';
import { startServer, type Server } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { waitUntil } from '../helpers/wait-until.js';

interface Worker {
  readonly pid: number;
  readonly requests: number;
  readonly connections: number;
  readonly in_flight: number;
  readonly pending: number;
  readonly bad_requests: number;
  readonly respawn_count: number;
  readonly latency: { readonly count: number };
  readonly requests_in_flight: readonly {
    readonly method: string;
    readonly uri: string;
    readonly state: string;
    readonly age: number;
  }[];
}

/** The master's picture of its only worker. */
async function workerOf(server: Server): Promise<Worker> {
  const { workers } = JSON.parse(await readAll(server.statsPort)) as { workers: [Worker] };
  return workers[0];
}

const start = (...args: string[]): Promise<Server> =>
  startServer(['--stats', '127.0.0.1:0', '--wsgi-file', pathsApp().path, ...args]);

async function ask(server: Server, text: string): Promise<RawSocket> {
  const socket = await RawSocket.connect(server.port);
  await socket.send(text);
  return socket;
}

const GET = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;

describe('scoreboard', () => {
  it('shows what I/O threads do while JavaScript is blocked', async () => {
    const server = await start('--threads', '2');
    await get(server.port, '/pid');
    await ask(server, GET('/block?x=1'));
    const states = async (): Promise<string[]> =>
      (await workerOf(server)).requests_in_flight.map(
        ({ method, uri, state }) => `${method} ${uri} ${state}`,
      );
    await waitUntil('the blocking request in JavaScript', async () =>
      (await states()).includes('GET /block?x=1 javascript'),
    );
    await Promise.all(['/a', '/b', '/c'].map((path) => ask(server, GET(path))));
    await ask(server, 'GET /no-host HTTP/1.1\r\n\r\n');
    const worker = await waitUntil('three more requests, and a refused one', async () => {
      const now = await workerOf(server);
      return now.pending === 3 && now.bad_requests === 1 && now;
    });
    assert.deepEqual([worker.requests, worker.in_flight], [5, 4]);
    assert.deepEqual((await states()).sort(), [
      'GET /a waiting',
      'GET /b waiting',
      'GET /block?x=1 javascript',
      'GET /c waiting',
    ]);
    const [oldest] = worker.requests_in_flight;
    assert.ok(oldest !== undefined && oldest.age > 0 && oldest.uri === '/block?x=1');
    server.kill('SIGQUIT');
    await server.end();
  });

  for (const mode of [[], ['--threads', '2']]) {
    it(`outlives its worker, and figures never go down (${mode.join(' ') || 'loop'})`, async () => {
      const server = await start(...mode);
      for (let i = 0; i < 7; i += 1) await get(server.port, '/pid');
      const before = await waitUntil('seven answers', async () => {
        const now = await workerOf(server);
        return now.latency.count === 7 && now;
      });
      process.kill(before.pid, 'SIGKILL');
      const after = await waitUntil('its successor', async () => {
        const now = await workerOf(server);
        return now.respawn_count === 2 && now;
      });
      assert.deepEqual([after.requests, after.latency.count], [7, 7]);
      await get(server.port, '/pid');
      await waitUntil('one more', async () => (await workerOf(server)).latency.count === 8);
    });
  }
});
