import assert from 'node:assert/strict';
import { isAlive, isStopped } from '../helpers/processes.js';
import { RawSocket, requestOnce } from '../helpers/raw-socket.js';
import { startServer, type Server } from '../helpers/server.js';
import { pathsApp, type AppFiles } from '../helpers/supervised-apps.js';
import { waitUntil } from '../helpers/wait-until.js';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;

interface Running {
  readonly server: Server;
  readonly app: AppFiles;
  /** A client whose request runs in the application. */
  readonly client: RawSocket;
}

async function isRefused(port: number): Promise<boolean> {
  try {
    (await RawSocket.connect(port)).close();
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
  }
}

/** A second request on the same worker is answered, so the first one was read and runs. */
async function withRequest(path: string, ...args: string[]): Promise<Running> {
  const app = pathsApp();
  const server = await startServer(['--master', '--wsgi-file', app.path, ...args]);
  const client = await RawSocket.connect(server.port);
  await client.send(get(path));
  assert.equal((await requestOnce(server.port, get('/pid'))).status, 200);
  return { server, app, client };
}

describe('signals to the master', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`${signal}: finishes running requests and exits with 0`, async () => {
      const { server, app, client } = await withRequest('/until-told');
      server.kill(signal);
      await server.log.waitFor(new RegExp(`${signal} received: stopping gracefully`));
      await waitUntil('the worker to drain', () => isRefused(server.port));
      assert.equal(client.ending, undefined);
      app.signal('told');
      const answer = await client.readResponse();
      assert.equal(answer.status, 200);
      assert.equal(answer.header('connection')?.toLowerCase(), 'close');
      assert.deepEqual(await server.end(), { code: 0, signal: null });
      assert.match(server.log.text, /goodbye to tsuwsgi-native\./);
    });
  }

  for (const mode of [[], ['--master'], ['--master', '--processes', '2', '--threads', '2']]) {
    const name = mode.join(' ') || 'no master';

    it(`SIGTERM: refuses new clients while requests run (${name})`, async () => {
      const app = pathsApp();
      const server = await startServer([...mode, '--wsgi-file', app.path]);
      const client = await RawSocket.connect(server.port);
      await client.send(get('/until-told'));
      assert.equal((await requestOnce(server.port, get('/pid'))).status, 200);
      server.kill('SIGTERM');
      await waitUntil('new clients to be refused', () => isRefused(server.port));
      assert.equal(client.ending, undefined);
      app.signal('told');
      assert.equal((await client.readResponse()).status, 200);
      assert.deepEqual(await server.end(), { code: 0, signal: null });
    });

    it(`SIGTERM: answers clients that wait in a queue (${name})`, async () => {
      const server = await startServer([...mode, '--wsgi-file', pathsApp().path]);
      const processes = [server.pid, ...server.workers().map(({ pid }) => pid)].slice(
        mode.length === 0 ? 0 : 1,
      );
      for (const pid of processes) process.kill(pid, 'SIGSTOP');
      await waitUntil('all threads to stop', () => processes.every(isStopped));
      const clients = await Promise.all(
        Array.from({ length: 20 }, () => RawSocket.connect(server.port)),
      );
      await Promise.all(clients.map((client) => client.send(get('/pid'))));
      server.kill('SIGTERM');
      if (mode.length > 0) await server.log.waitFor(/stopping gracefully/);
      for (const pid of processes) process.kill(pid, 'SIGCONT');
      const answers = await Promise.all(clients.map((client) => client.readResponse()));
      assert.ok(answers.every(({ status }) => status === 200));
      assert.deepEqual(await server.end(), { code: 0, signal: null });
    });
  }

  it('SIGTERM: closes idle keep-alive connections', async () => {
    const app = pathsApp();
    const server = await startServer(['--master', '--processes', '2', '--wsgi-file', app.path]);
    const idle = await RawSocket.connect(server.port);
    await idle.request(get('/pid'));
    assert.deepEqual(await server.stop('SIGTERM', 5000), { code: 0, signal: null });
    assert.equal(await idle.waitForEnding(), 'end');
  });

  it('SIGTERM twice: the requests are finished all the same', async () => {
    const { server, app, client } = await withRequest('/until-told');
    server.kill('SIGTERM');
    await server.log.waitFor(/stopping gracefully/);
    server.kill('SIGTERM');
    await server.log.waitFor(/SIGTERM received: ignored/);
    app.signal('told');
    assert.equal((await client.readResponse()).status, 200);
    assert.equal((await server.end()).code, 0);
  });

  it('SIGINT twice: stops at once', async () => {
    const { server, client } = await withRequest('/never');
    server.kill('SIGINT');
    await server.log.waitFor(/stopping gracefully/);
    server.kill('SIGINT');
    assert.deepEqual(await server.end(5000), { code: 0, signal: null });
    await client.waitForEnding();
  });

  it('SIGQUIT: stops at once, also with a blocked worker', async () => {
    const app = pathsApp();
    const server = await startServer(['--master', '--wsgi-file', app.path]);
    const client = await RawSocket.connect(server.port);
    await client.send(get('/block'));
    const [worker] = server.workers();
    assert.ok(worker);
    await waitUntil('the worker to be busy', () => server.workers()[0]?.state === 'R');
    assert.deepEqual(await server.stop('SIGQUIT', 5000), { code: 0, signal: null });
    assert.equal(isAlive(worker.pid), false);
  });

  it('SIGTERM: cuts what does not finish within --worker-reload-mercy', async () => {
    const { server, client } = await withRequest('/never', '--worker-reload-mercy', '0.3');
    assert.deepEqual(await server.stop('SIGTERM', 10_000), { code: 0, signal: null });
    assert.match(server.log.text, /cuts what still runs/);
    assert.doesNotMatch(server.log.text, /NO MERCY/);
    await client.waitForEnding();
  });

  it('SIGTERM: kills a worker that is stopped (SIGSTOP) when its mercy is over', async () => {
    const app = pathsApp();
    const mercy = ['--worker-reload-mercy', '0.3'];
    const server = await startServer(['--master', '--wsgi-file', app.path, ...mercy]);
    const [worker] = server.workers();
    assert.ok(worker);
    process.kill(worker.pid, 'SIGSTOP');
    assert.equal((await server.stop('SIGTERM', 10_000)).code, 0);
    assert.match(server.log.text, /NO MERCY !!! \(not gone within --worker-reload-mercy/);
    assert.equal(isAlive(worker.pid), false);
  });

  it('SIGHUP (reload), SIGUSR1, SIGURG, SIGWINCH and SIGALRM leave it running', async () => {
    const server = await startServer(['--master', '--wsgi-file', pathsApp().path]);
    server.kill('SIGHUP');
    await server.log.waitFor(/graceful reload complete/);
    server.kill('SIGURG');
    await server.log.waitFor(/SIGURG received: 0 worker\(s\) start/);
    server.kill('SIGWINCH');
    server.kill('SIGALRM');
    await server.log.waitFor(/SIGALRM received: ignored/);
    server.kill('SIGUSR1');
    await server.log.waitFor(/worker 1 \(pid: \d+\): ready, for/);
    assert.doesNotMatch(server.log.text, /SIGWINCH/);
    assert.equal((await requestOnce(server.port, get('/pid'))).status, 200);
  });

  it('SIGINT to the whole process group, as a terminal sends it, is graceful too', async () => {
    const app = pathsApp();
    const server = await startServer(['--master', '--wsgi-file', app.path], { ownGroup: true });
    const client = await RawSocket.connect(server.port);
    await client.send(get('/until-told'));
    assert.equal((await requestOnce(server.port, get('/pid'))).status, 200);
    process.kill(-server.pid, 'SIGINT');
    await server.log.waitFor(/stopping gracefully/);
    app.signal('told');
    assert.equal((await client.readResponse()).status, 200);
    assert.deepEqual(await server.end(), { code: 0, signal: null });
  });
});

describe('signals to a worker', () => {
  it('SIGTERM: finishes its requests, leaves and is replaced', async () => {
    const { server, app, client } = await withRequest('/until-told', '--processes', '2');
    const text = (await requestOnce(server.port, get('/pid'))).text;
    const busy = server.workers().map(({ pid }) => pid);
    assert.ok(busy.includes(Number(text)));
    const from = server.log.lines.length;
    for (const pid of busy) process.kill(pid, 'SIGTERM');
    await server.log.waitFor(/worker \d \(pid: \d+\) leaves: /, 10_000, from);
    app.signal('told');
    assert.equal((await client.readResponse()).status, 200);
    await waitUntil('new workers', () => {
      const now = server.workers().map(({ pid }) => pid);
      return now.length === 2 && now.every((pid) => !busy.includes(pid));
    });
    assert.equal((await requestOnce(server.port, get('/pid'))).status, 200);
    assert.equal(server.log.matching(/DAMN/).length, 0);
  });
});

describe('without a master', () => {
  for (const [signal, code] of [
    ['SIGTERM', 0],
    ['SIGINT', 0],
  ] as const) {
    it(`${signal} finishes running requests and exits with ${code}`, async () => {
      const app = pathsApp();
      const server = await startServer(['--wsgi-file', app.path]);
      const client = await RawSocket.connect(server.port);
      await client.send(get('/until-told'));
      assert.equal((await requestOnce(server.port, get('/pid'))).status, 200);
      server.kill(signal);
      await server.log.waitFor(new RegExp(`${signal}: finishing what runs`));
      app.signal('told');
      assert.equal((await client.readResponse()).status, 200);
      assert.deepEqual(await server.end(), { code, signal: null });
    });
  }
});
