/** The router in front of servers that are not ours: uWSGI with Python, and backends that misbehave. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { loadAddon } from '../../src/binding/load.js';
import { onCleanup } from '../helpers/cleanup.js';
import { get } from '../helpers/get.js';
import { requireProgram } from '../helpers/programs.js';
import { RawSocket, requestOnce } from '../helpers/raw-socket.js';
import { ServerLog } from '../helpers/server-log.js';
import { tempDir, tempFiles } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';
import { answering, deadAddress, fakeBackend, OK } from '../unit/router/fake-backend.js';
import { routerPort, startRouted, startRouter } from './router-server.js';

const PYTHON = `
def application(environ, start_response):
    path = environ['PATH_INFO']
    if path == '/empty':
        start_response('204 No Content', [])
        return []
    start_response('200 OK', [('Content-Type', 'text/plain')])
    if path == '/echo':
        return iter(lambda: environ['wsgi.input'].read(65536), b'')
    if path == '/large':
        return (b'l' * 65536 for _ in range(int(environ['QUERY_STRING'])))
    return [('%s %s %s' % (path, environ['REMOTE_ADDR'], environ.get('HTTP_X_FORWARDED_FOR'))).encode('latin-1')]
`;

/** A uWSGI with one process that runs PYTHON; returns the address to connect to. */
async function startUwsgi(context: Mocha.Context, kind: 'tcp' | 'unix'): Promise<string> {
  const program = requireProgram(context, 'uwsgi');
  const directory = tempFiles({ 'app.py': PYTHON });
  const path = join(directory, 'uwsgi.sock');
  const socket = kind === 'tcp' ? '127.0.0.1:0' : path;
  const args = [
    '--plugin',
    'python3',
    '--socket',
    socket,
    '--wsgi-file',
    join(directory, 'app.py'),
  ];
  const child = spawn(program, [...args, '--master', '--die-on-term', '--buffer-size', '65535'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise((resolve) => child.once('close', resolve));
  onCleanup(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  const log = new ServerLog();
  log.follow(child.stdout);
  log.follow(child.stderr);
  await log.waitFor(/spawned uWSGI worker 1/);
  if (kind === 'unix') return path;
  const [, port] = await log.waitFor(/bound to TCP address 127\.0\.0\.1:(\d+)/);
  return `127.0.0.1:${port}`;
}

/** An address where connections are neither accepted nor refused. */
async function fullQueue(): Promise<string> {
  const addon = loadAddon();
  const options = { host: '127.0.0.1', port: 0, backlog: 1, reusePort: false };
  const { fd, port } = addon.bindListener(options);
  onCleanup(() => addon.closeListener(fd));
  // The kernel takes one connection more than the backlog says.
  for (let i = 0; i < 2; i++) await RawSocket.connect(port);
  return `127.0.0.1:${port}`;
}

/** The same as a UNIX socket, which refuses at once. */
async function fullUnixQueue(): Promise<string> {
  const addon = loadAddon();
  const name = join(tempDir(), 'full.sock');
  const access = { mode: -1, owner: -1, group: -1 };
  const { fd } = addon.bindUnixListener({ name, abstractName: false, backlog: 0, ...access });
  onCleanup(() => addon.closeListener(fd));
  const filler = connect(name);
  onCleanup(() => void filler.destroy());
  await once(filler, 'connect');
  return name;
}

function request(method: string, path: string, lines: readonly string[] = []): string {
  return [`${method} ${path} HTTP/1.1`, 'Host: test', ...lines, '', ''].join('\r\n');
}

describe('the HTTP router in front of uWSGI', () => {
  for (const kind of ['tcp', 'unix'] as const) {
    it(`passes requests and 50 MB both ways (${kind})`, async function () {
      const server = await startRouter(['--http-to', await startUwsgi(this, kind)]);
      assert.doesNotMatch(server.log.text, /spawned tsuwsgi-native worker/);
      const socket = await RawSocket.connect(routerPort(server));
      const plain = await socket.request(request('GET', '/%C3%A4', ['X-Forwarded-For: 6.6.6.6']));
      assert.equal(plain.text, '/\u00e4 127.0.0.1 127.0.0.1');
      const body = randomBytes(50 * 1024 * 1024);
      await socket.send(request('POST', '/echo', [`Content-Length: ${body.length}`]));
      await socket.send(body);
      const echoed = await socket.readResponse();
      assert.ok(echoed.body.equals(body));
      assert.equal(echoed.framing, 'chunked');
      const head = await socket.request(request('HEAD', '/large?20'), { method: 'HEAD' });
      assert.equal(head.status, 200);
      assert.equal((await socket.request(request('GET', '/empty'))).status, 204);
    });
  }

  it('gives its only process back while a slow client reads', async function () {
    const server = await startRouter(['--http-to', await startUwsgi(this, 'tcp')]);
    const slow = await RawSocket.connect(routerPort(server));
    slow.pause();
    await slow.send(request('GET', '/large?12'));
    assert.equal((await get(routerPort(server), '/next')).text.slice(0, 5), '/next');
    slow.resume();
    assert.equal((await slow.readResponse()).body.length, 12 * 65536);
  });

  it('answers 200 clients at once', async function () {
    const server = await startRouter(['--http-to', await startUwsgi(this, 'unix')]);
    const port = routerPort(server);
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => requestOnce(port, request('GET', '/x'))),
    );
    assert.ok(answers.every(({ status }) => status === 200));
  });
});

describe('the HTTP router in front of an abstract name', () => {
  it('reaches it, whoever listens there', async () => {
    const name = `@tsuwsgi-test-backend-${process.pid}`;
    const own = await startRouted(['--socket', name]);
    const other = await startRouter(['--http-to', name]);
    for (const server of [own, other]) {
      const body = randomBytes(1024 * 1024);
      const socket = await RawSocket.connect(routerPort(server));
      await socket.send(request('POST', '/echo', [`Content-Length: ${body.length}`]));
      await socket.send(body);
      assert.ok((await socket.readResponse()).body.equals(body));
    }
  });

  it('says that nobody listens there', async () => {
    const server = await startRouter(['--http-to', `@tsuwsgi-test-none-${process.pid}`]);
    assert.equal((await get(routerPort(server), '/')).status, 502);
    await server.log.waitFor(/backend @tsuwsgi-test-none-\S+ refused the connection/);
  });

  it('waits while its accept queue is full', async () => {
    const addon = loadAddon();
    const name = `tsuwsgi-test-full-${process.pid}`;
    const access = { mode: -1, owner: -1, group: -1 };
    const { fd } = addon.bindUnixListener({ name, abstractName: true, backlog: 0, ...access });
    onCleanup(() => addon.closeListener(fd));
    const filler = addon.connectAbstract(name);
    onCleanup(() => closeSync(filler));
    const server = await startRouter(['--http-to', `@${name}`, '--http-connect-timeout', '0.2']);
    assert.equal((await get(routerPort(server), '/')).status, 503);
    await server.log.waitFor(/had a full accept queue for 0\.2 s/);
  });
});

describe('the HTTP router in front of bad backends', () => {
  for (const [what, status, behaviour, reason] of [
    ['talks nonsense', 502, answering('+OK ready\r\n'), /status line/],
    ['closes', 502, answering(''), /without a response/],
    ['is silent', 504, () => undefined, /was silent for 0\.2 s \(--http-timeout\)/],
  ] as const) {
    it(`answers ${status} when one ${what}, with a record that names it`, async () => {
      const backend = await fakeBackend(behaviour);
      const args = ['--http-to', backend.address.text, '--http-timeout', '0.2'];
      const server = await startRouter([...args, '--log-format', 'json']);
      const socket = await RawSocket.connect(routerPort(server));
      const response = await socket.request(request('POST', '/p?q', ['Content-Length: 0']));
      assert.equal(response.status, status);
      assert.doesNotMatch(response.text, /127|backend/);
      const record = await waitUntil('the record', () =>
        server.log.records().find((found) => found['event'] === 'backend-failed'),
      );
      assert.equal(record['backend'], backend.address.text);
      assert.equal(record['status'], status);
      assert.equal(record['uri'], '/p?q');
      assert.match(String(record['reason']), reason);
      assert.equal(
        (await socket.request(request('POST', '/', ['Content-Length: 0']))).status,
        status,
      );
    });
  }

  it('answers 502 while nobody listens, and serves as soon as somebody does', async () => {
    const dead = await deadAddress();
    const server = await startRouter(['--http-to', dead.text]);
    const port = routerPort(server);
    assert.equal((await get(port, '/')).status, 502);
    assert.match(server.log.text, new RegExp(`backend ${dead.text} refused the connection`));
    await fakeBackend(answering(OK), dead.port);
    assert.equal((await get(port, '/')).status, 200);
    await server.log.waitFor(/backend .* is back/);
  });

  it('uses the ones that work, and the fallback when none does', async () => {
    const [dead, good, spare] = [await deadAddress(), await fakeBackend(), await fakeBackend()];
    const to = `${dead.text},${good.address.text}`;
    const fallback = ['--http-fallback', spare.address.text];
    const server = await startRouter(['--http-to', to, ...fallback]);
    for (let i = 0; i < 4; i++) assert.equal((await get(routerPort(server), '/')).text, 'ok');
    assert.equal(good.requests.length, 4);
    const alone = await startRouter(['--http-to', dead.text, ...fallback]);
    assert.equal((await get(routerPort(alone), '/')).text, 'ok');
    assert.equal(spare.requests.length, 1);
  });

  it('cuts a response that ends before its length', async () => {
    const backend = await fakeBackend(
      answering('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour'),
    );
    const server = await startRouter(['--http-to', backend.address.text]);
    const socket = await RawSocket.connect(routerPort(server));
    await socket.send(request('GET', '/'));
    await socket.waitForEnding();
    assert.match(socket.unread.toString(), /Content-Length: 9\r\n[^]*four$/);
    await server.log.waitFor(/response cut: GET \/: backend .* after 4 of the 9 bytes/);
  });

  it('answers 503 while the accept queue of a UNIX socket is full', async () => {
    const args = ['--http-to', await fullUnixQueue(), '--http-connect-timeout', '0.2'];
    const server = await startRouter(args);
    const response = await get(routerPort(server), '/');
    assert.equal(response.status, 503);
    assert.equal(response.header('retry-after'), '1');
    assert.match(server.log.text, /full\.sock had a full accept queue for 0\.2 s/);
  });

  it('answers 503 to those that come while a silent machine is tried', async () => {
    const args = ['--http-to', await fullQueue(), '--http-connect-timeout', '0.3'];
    const server = await startRouter(args);
    const port = routerPort(server);
    assert.equal((await get(port, '/first')).status, 504);
    const answers = await Promise.all(Array.from({ length: 5 }, () => get(port, '/more')));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [503, 503, 503, 503, 504]);
    const refused = answers.find(({ status }) => status === 503);
    assert.equal(refused?.header('retry-after'), '1');
  });
});
