/** Connections that a worker gives to the next one: what a client sees of it, which should be nothing. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { RawSocket } from '../helpers/raw-socket.js';
import { startServer, type Server } from '../helpers/server.js';
import { brokenApp, pathsApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const PID = 'GET /pid HTTP/1.1\r\nHost: test\r\n\r\n';

const MODES: Readonly<Record<string, readonly string[]>> = {
  'loop mode': [],
  'pool mode': ['--threads', '2'],
};

function retired(server: Server, count: number): Promise<true> {
  return waitUntil(
    `${count} workers to be gone`,
    () => server.log.matching(/its successor serves: drained/).length >= count,
    20_000,
  );
}

async function reload(server: Server, workers: number): Promise<void> {
  const before = server.log.matching(/its successor serves: drained/).length;
  server.kill('SIGHUP');
  await retired(server, before + workers);
}

async function pidOn(socket: RawSocket): Promise<string> {
  const answer = await socket.request(PID);
  assert.equal(answer.status, 200);
  assert.notEqual(answer.header('connection'), 'close');
  return answer.text;
}

for (const [mode, options] of Object.entries(MODES)) {
  describe(`hand-over, ${mode}`, () => {
    it('keeps connections over reloads, each with one worker after the other', async () => {
      const args = ['--processes', '2', ...options, '--wsgi-file', pathsApp().path];
      const server = await startServer(args);
      const sockets = await Promise.all(
        Array.from({ length: 8 }, () => RawSocket.connect(server.port)),
      );
      const seen = new Set<string>();
      for (let round = 0; round < 3; round += 1) {
        const pids = new Set(await Promise.all(sockets.map(pidOn)));
        for (const pid of pids) assert.ok(!seen.has(pid), `worker ${pid} was replaced`);
        for (const pid of pids) seen.add(pid);
        if (round < 2) await reload(server, 2);
      }
      for (const socket of sockets) socket.close();
    });

    it('keeps connections on UNIX sockets', async () => {
      const path = join(tempDir(), 'http.sock');
      const args = ['--http-socket', path, '--master', ...options];
      const server = await startServer([...args, '--wsgi-file', pathsApp().path]);
      const socket = await RawSocket.connect(path);
      const before = await pidOn(socket);
      await reload(server, 1);
      assert.notEqual(await pidOn(socket), before);
      socket.close();
    });

    it('takes half a request along, and finishes one that runs', async () => {
      const app = pathsApp();
      const server = await startServer(['--master', ...options, '--wsgi-file', app.path]);
      const half = await RawSocket.connect(server.port);
      const running = await RawSocket.connect(server.port);
      const old = await pidOn(half);
      assert.equal(await pidOn(running), old);
      await half.send(PID.slice(0, 11));
      await running.send(PID.replace('/pid', '/until-told') + PID);
      server.kill('SIGHUP');
      await server.log.waitFor(/graceful reload complete/);
      app.signal('told');
      const first = await running.readResponse();
      assert.equal(first.text, old);
      assert.notEqual(first.header('connection'), 'close');
      assert.equal((await running.readResponse()).status, 200);
      await retired(server, 1);
      await half.send(PID.slice(11));
      const answer = await half.readResponse();
      assert.equal(answer.status, 200);
      assert.notEqual(answer.text, old);
      assert.notEqual(await pidOn(running), old);
      for (const socket of [half, running]) socket.close();
    });
  });
}

describe('hand-over of a worker that leaves on its own', () => {
  it('goes to a neighbour', async () => {
    const server = await startServer(['--processes', '2', '--wsgi-file', pathsApp().path]);
    const sockets = await Promise.all(
      Array.from({ length: 8 }, () => RawSocket.connect(server.port)),
    );
    const [leaves] = await Promise.all(sockets.map(pidOn));
    process.kill(Number(leaves), 'SIGTERM');
    await server.log.waitFor(/worker \d \(pid: \d+\) died: SIGTERM/);
    for (const socket of sockets) {
      assert.notEqual(await pidOn(socket), leaves);
      socket.close();
    }
  });

  it('waits for the next worker where there is no neighbour', async () => {
    const server = await startServer(['--master', '--wsgi-file', pathsApp().path]);
    const socket = await RawSocket.connect(server.port);
    const old = await pidOn(socket);
    process.kill(Number(old), 'SIGTERM');
    await server.log.waitFor(/worker \d \(pid: \d+\) died: SIGTERM/);
    assert.notEqual(await pidOn(socket), old);
    socket.close();
  });
});

describe('a response that goes on while its worker stops', () => {
  const STREAM = `
    export async function application(environ, startResponse) {
      startResponse('200 OK', []);
      const signal = environ['tsuwsgi.signal'];
      return (async function* () {
        yield 'begun ';
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        yield signal.reason.reason;
      })();
    }`;

  it('is told by its signal after --stream-reload-mercy, and ends in order', async () => {
    const app = brokenApp(STREAM);
    const server = await startServer([
      ...['--master', '--stream-reload-mercy', '0.1', '--wsgi-file', app.path],
    ]);
    const socket = await RawSocket.connect(server.port);
    await socket.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    await waitUntil('the response to begin', () => socket.unread.length > 0);
    server.kill('SIGHUP');
    assert.equal((await socket.readResponse()).text, 'begun draining');
    await retired(server, 1);
    socket.close();
  });
});
