/** A UNIX socket has one queue for all workers: who takes from it, and what is lost when a worker ends. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { requestText } from '../helpers/get.js';
import { killUnderLoad } from '../helpers/kill-under-load.js';
import { Load } from '../helpers/load.js';
import { isStopped } from '../helpers/processes.js';
import { RawSocket } from '../helpers/raw-socket.js';
import { startServer, workerPid, type Server } from '../helpers/server.js';
import { brokenApp, pathsApp, type AppFiles } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

/** `/block` keeps the JavaScript thread until the file `told` is there, and says so by a file `blocked-<pid>`. */
const BLOCKING = `
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
const here = new URL('.', import.meta.url).pathname;
const cell = new Int32Array(new SharedArrayBuffer(4));
export function application(environ, startResponse) {
  if (environ.PATH_INFO === '/block') {
    writeFileSync(join(here, 'blocked-' + process.pid), '');
    while (!existsSync(join(here, 'told'))) Atomics.wait(cell, 0, 0, 5);
  }
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return String(process.pid);
}
`;

const blockedIn = (app: AppFiles): string[] =>
  readdirSync(app.directory).filter((name) => name.startsWith('blocked-'));

async function start(app: AppFiles, ...args: string[]): Promise<{ server: Server; path: string }> {
  const path = join(tempDir(), 'a.sock');
  const workers = ['--master', '--respawn-delay', '0.01', ...args];
  const server = await startServer(['--http-socket', path, ...workers, '--wsgi-file', app.path]);
  return { server, path };
}

async function send(path: string, target: string): Promise<RawSocket> {
  const socket = await RawSocket.connect(path);
  await socket.send(requestText('GET', target));
  return socket;
}

/** Blocks every worker, one after the other: each request finds one that has nothing to do. */
async function blockAll(app: AppFiles, path: string, workers: number): Promise<RawSocket[]> {
  const sockets: RawSocket[] = [];
  for (let blocked = 1; blocked <= workers; blocked += 1) {
    sockets.push(await send(path, '/block'));
    await waitUntil(`${blocked} workers to block`, () => blockedIn(app).length === blocked);
  }
  return sockets;
}

describe('a queue that all workers share', () => {
  it('is served by whoever has nothing to do', async () => {
    const app = brokenApp(BLOCKING);
    const { path } = await start(app, '--processes', '3');
    const sockets = await blockAll(app, path, 3);
    app.signal('told');
    const answers = await Promise.all(sockets.map((socket) => socket.readResponse()));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 3);
  });

  it('is emptied when the server stops', async () => {
    const app = brokenApp(BLOCKING);
    const { server, path } = await start(app, '--processes', '2');
    await blockAll(app, path, 2);
    const waiting = await Promise.all(Array.from({ length: 20 }, () => send(path, '/late')));
    server.kill('SIGTERM');
    await server.log.waitFor(/VACUUM/);
    app.signal('told');
    const answers = await Promise.all(waiting.map((socket) => socket.readResponse()));
    assert.ok(answers.every(({ status }) => status === 200));
    assert.deepEqual(await server.end(), { code: 0, signal: null });
  });

  it('stays for the others when one worker leaves', async () => {
    const app = brokenApp(BLOCKING);
    const { server, path } = await start(app, '--processes', '2');
    await blockAll(app, path, 2);
    const waiting = await Promise.all(Array.from({ length: 20 }, () => send(path, '/late')));
    process.kill(workerPid(server, 1), 'SIGTERM');
    app.signal('told');
    const answers = await Promise.all(waiting.map((socket) => socket.readResponse()));
    assert.ok(answers.every(({ status }) => status === 200));
    await server.log.waitFor(/Respawned .* worker 1/);
  });

  for (const mode of [[], ['--threads', '2']]) {
    const name = mode.length === 0 ? 'loop mode' : 'pool mode';

    it(`loses only what ran in a worker that is killed under load (${name})`, async () => {
      const { server, path } = await start(pathsApp(), '--processes', '2', ...mode);
      await killUnderLoad(server, new Load(path, 8, '/pid'), 8, [1, 2, 1]);
    });

    it(`does not wait for a worker that is stopped (${name})`, async () => {
      const { server, path } = await start(pathsApp(), '--processes', '2', ...mode);
      const victim = workerPid(server, 1);
      process.kill(victim, 'SIGSTOP');
      await waitUntil('all its threads to stop', () => isStopped(victim));
      const sockets = await Promise.all(Array.from({ length: 60 }, () => send(path, '/pid')));
      const answers = await Promise.all(sockets.map((socket) => socket.readResponse()));
      assert.ok(answers.every(({ text }) => text === String(workerPid(server, 2))));
      process.kill(victim, 'SIGKILL');
      await server.log.waitFor(/worker 1 .* died.* its connections go to worker 2;/);
      await server.log.waitFor(/Respawned .* worker 1/);
    });
  }
});
