import assert from 'node:assert/strict';
import { killUnderLoad } from '../helpers/kill-under-load.js';
import { Load } from '../helpers/load.js';
import { requestOnce } from '../helpers/raw-socket.js';
import { startServer, workerPid, type Server } from '../helpers/server.js';
import { askPastStopped } from '../helpers/stopped-worker.js';
import { brokenApp, pathsApp, slowRebootApp } from '../helpers/supervised-apps.js';
import { waitUntil } from '../helpers/wait-until.js';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;

/** Pids of the workers that answer, asked often enough that every queue had its turn. */
async function answeringPids(server: Server): Promise<Set<string>> {
  const answers = Array.from({ length: 40 }, () => requestOnce(server.port, get('/pid')));
  return new Set((await Promise.all(answers)).map(({ text }) => text));
}

const MASTER = ['--master', '--processes', '2', '--respawn-delay', '0.01'];

describe('a worker that dies', () => {
  for (const mode of [[], ['--threads', '2']]) {
    const name = mode.length === 0 ? 'loop mode' : 'pool mode';

    it(`loses no connection that waits in its queue (${name})`, async () => {
      const server = await startServer([...MASTER, ...mode, '--wsgi-file', pathsApp().path]);
      const victim = workerPid(server, 1);
      const queues = mode.length === 0 ? 1 : 2;
      const sockets = await askPastStopped(server, victim, queues, get('/pid'));
      process.kill(victim, 'SIGKILL');
      const answers = await Promise.all(sockets.map((socket) => socket.readResponse()));
      assert.ok(answers.every(({ status }) => status === 200));
      assert.ok(answers.every(({ text }) => text !== String(victim)));
    });

    it(`costs only what ran inside it, under load (${name})`, async () => {
      const server = await startServer([...MASTER, ...mode, '--wsgi-file', pathsApp().path]);
      await killUnderLoad(server, new Load(server.port, 8, '/pid'), 8, [1, 2, 1]);
    });
  }

  it('is replaced by its neighbour until its successor is ready', async () => {
    const app = slowRebootApp();
    const server = await startServer([...MASTER, '--wsgi-file', app.path], {
      env: { QUICK_BOOTS: '2' },
    });
    const neighbour = String(workerPid(server, 2));
    const from = server.log.lines.length;
    process.kill(workerPid(server, 1), 'SIGKILL');
    await server.log.waitFor(/Respawned tsuwsgi-native worker 1/, 10_000, from);
    assert.deepEqual(await answeringPids(server), new Set([neighbour]));
    app.signal('allowed');
    await server.log.waitFor(/worker 1 .* is ready/, 10_000, from);
    const successor = String(workerPid(server, 1));
    await waitUntil('the successor to answer', async () =>
      (await answeringPids(server)).has(successor),
    );
    assert.equal((await answeringPids(server)).size, 2);
  });

  it('is named in the log with its exit code', async () => {
    const server = await startServer([
      ...MASTER,
      ...['--log-format', 'json', '--wsgi-file', pathsApp().path],
    ]);
    await assert.rejects(requestOnce(server.port, get('/exit')));
    await server.log.waitFor(/"event":"worker-died"/);
    const record = server.log.records().find(({ event }) => event === 'worker-died');
    assert.equal(record?.['level'], 'error');
    assert.match(String(record['reason']), /exited with code 9/);
    assert.equal(record['pid'], server.pid);
    assert.equal(typeof record['workerPid'], 'number');
  });
});

describe('a worker that cannot boot', () => {
  it('is tried again, and given up after --respawn-give-up deaths with exit code 70', async () => {
    const app = brokenApp('process.exit(3);');
    const server = await startServer(
      [
        ...['--master', '--processes', '2', '--wsgi-file', app.path],
        ...['--respawn-delay', '0.01', '--respawn-give-up', '5'],
      ],
      { waitForReady: false },
    );
    assert.deepEqual(await server.end(), { code: 70, signal: null });
    assert.equal(server.log.matching(/giving up: 5 workers/).length, 1);
    assert.equal(server.log.matching(/DAMN ! worker .* exited with code 3/).length, 4);
  });

  it('is killed after --boot-timeout', async () => {
    const app = brokenApp('setInterval(() => {}, 1000); await new Promise(() => {});');
    const server = await startServer(
      [
        ...['--master', '--wsgi-file', app.path, '--boot-timeout', '0.7'],
        ...['--respawn-delay', '0.01', '--respawn-give-up', '2'],
      ],
      { waitForReady: false },
    );
    assert.deepEqual(await server.end(), { code: 70, signal: null });
    assert.match(server.log.text, /is killed \(not ready within --boot-timeout \(0\.7 s\)\)/);
  });

  it('ends the server with exit code 22 when the application is missing, and says it once', async () => {
    const server = await startServer(
      ['--master', '--processes', '3', '--wsgi-file', '/nowhere/app.mjs'],
      { waitForReady: false },
    );
    assert.deepEqual(await server.end(), { code: 22, signal: null });
    assert.equal(server.log.matching(/cannot load the application/).length, 1);
    assert.match(server.log.text, /\/nowhere\/app\.mjs/);
  });
});
