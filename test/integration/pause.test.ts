/** A paused server answers no new client, whatever happens to its workers meanwhile, and says that it is paused. */
import assert from 'node:assert/strict';
import { get } from '../helpers/get.js';
import { metricValue, parseMetrics } from '../helpers/metrics-parser.js';
import { RawSocket } from '../helpers/raw-socket.js';
import { startServer, type Server } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';

const GET = 'GET /pid HTTP/1.1\r\nHost: test\r\n\r\n';
const DIED = /worker 1 \(pid: \d+\) died/;
const MODES = { loop: [], pool: ['--threads', '2'] };

interface Document {
  readonly phase: string;
  readonly sockets: readonly { readonly queue: number }[];
  readonly workers: readonly { readonly pid: number; readonly status: string }[];
}

function start(...args: readonly string[]): Promise<Server> {
  const stats = ['--stats', '127.0.0.1:0', '--stats-http'];
  const one = ['--master', '--processes', '1', '--wsgi-file', pathsApp().path];
  return startServer([...one, ...stats, ...args]);
}

async function look(server: Server): Promise<Document> {
  return JSON.parse((await get(server.statsPort, '/stats')).text) as Document;
}

async function toggle(server: Server, said: RegExp): Promise<void> {
  const from = server.log.lines.length;
  server.kill('SIGTSTP');
  await server.log.waitFor(said, undefined, from);
}

/** Returns where the log goes on behind the death. */
async function killWorker(server: Server): Promise<number> {
  const pid = (await look(server)).workers[0]?.pid ?? 0;
  process.kill(pid, 'SIGKILL');
  await server.log.waitFor(DIED);
  return server.log.lines.findIndex((line) => DIED.test(line));
}

describe('a paused server', () => {
  for (const [mode, args] of Object.entries(MODES)) {
    it(`leaves clients in the queue though workers are started: ${mode} mode`, async () => {
      const server = await start(...args);
      await toggle(server, /workers suspended/);
      const died = await killWorker(server);
      const client = await RawSocket.connect(server.port);
      await client.send(GET);
      await server.log.waitFor(/is ready after/, undefined, died);
      assert.equal((await look(server)).sockets[0]?.queue, 1);
      server.kill('SIGHUP');
      await server.log.waitFor(/reload complete/);
      assert.equal((await look(server)).sockets[0]?.queue, 1);
      assert.equal(client.unread.length, 0);
      await toggle(server, /workers resumed/);
      assert.equal((await client.readResponse()).status, 200);
    });
  }

  it('says so to whoever looks, until it is resumed', async () => {
    const server = await start();
    const seen = async (): Promise<readonly unknown[]> => {
      const { phase, workers } = await look(server);
      const { status, text } = await get(server.statsPort, '/ready');
      const metrics = parseMetrics((await get(server.statsPort, '/metrics')).text);
      const paused = metricValue(metrics, 'tsuwsgi_paused');
      return [phase, workers.map((worker) => worker.status), status, text.trim(), paused];
    };
    await toggle(server, /workers suspended/);
    const reason = 'not ready: paused, new clients wait until it is resumed';
    assert.deepEqual(await seen(), ['paused', ['pause'], 503, reason, 1]);
    assert.equal((await get(server.statsPort, '/live')).status, 200);
    server.kill('SIGUSR1');
    await server.log.waitFor(/the server is paused: new clients wait/);
    await toggle(server, /workers resumed/);
    const ready = 'ready: 1 of 1 worker(s) ready';
    assert.deepEqual(await seen(), ['running', ['idle'], 200, ready, 0]);
  });
});
