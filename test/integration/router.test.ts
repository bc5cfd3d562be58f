import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { get } from '../helpers/get.js';
import { Load } from '../helpers/load.js';
import { isAlive } from '../helpers/processes.js';
import { skipFor } from '../helpers/programs.js';
import { RawSocket, requestOnce } from '../helpers/raw-socket.js';
import { startServer, testApp, type Server } from '../helpers/server.js';
import { tempDir, tempFiles } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';
import { pidOf, routerPort, routersReady, startRouted, startRouter } from './router-server.js';

const TWO = ['--master', '--processes', '2', '--respawn-delay', '0.01'];
const LARGE_BYTES = 50 * 1024 * 1024;

function requestHead(path: string, lines: readonly string[] = [], method = 'GET'): string {
  return [`${method} ${path} HTTP/1.1`, 'Host: example.org', ...lines, '', ''].join('\r\n');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function environOf(
  server: Server,
  lines: readonly string[],
): Promise<Record<string, string>> {
  const { text } = await get(routerPort(server), '/environ', lines);
  return JSON.parse(text) as Record<string, string>;
}

describe('the HTTP router', () => {
  for (const [mode, args] of [
    ['one command', TWO],
    ['several router processes', [...TWO, '--http-processes', '2']],
    ['I/O threads in the workers', [...TWO, '--threads', '2']],
    ['a UNIX socket between them', [...TWO, '--socket', join(tempDir(), 'own.sock')]],
    ['a TCP socket between them', [...TWO, '--socket', '127.0.0.1:0']],
  ] as const) {
    it(`serves with ${mode}, from every worker`, async () => {
      const server = await startRouted(args);
      const port = routerPort(server);
      const pids = new Set<string>();
      await waitUntil('an answer of both workers', async () => {
        const answers = Array.from({ length: 8 }, () => get(port, '/pid'));
        for (const { text } of await Promise.all(answers)) pids.add(text);
        return pids.size === 2;
      });
      const workers = [1, 2].map((id) => String(pidOf(server, 'worker', id)));
      assert.deepEqual([...pids].sort(), workers.sort());
    });
  }

  it('starts from an ini file, and switches the master on', async () => {
    const directory = tempFiles({
      'app.ini': `[uwsgi]\nhttp = 127.0.0.1:0\nwsgi-file = ${testApp('routed.ts')}\nhttp-keepalive = true\n`,
    });
    const server = await startServer([join(directory, 'app.ini')], {
      ownSockets: true,
      waitForReady: false,
    });
    await routersReady(server);
    assert.match(server.log.text, /master switched on: --http needs it/);
    assert.equal((await get(routerPort(server), '/pid')).status, 200);
  });

  it('tells the application about the client, and only what is true', async () => {
    const server = await startRouted();
    const lies = ['X-Forwarded-For: 6.6.6.6', 'X-Forwarded-Proto: https', 'Forwarded: for=6.6.6.6'];
    const environ = await environOf(server, lies);
    assert.equal(environ['REMOTE_ADDR'], '127.0.0.1');
    assert.equal(environ['SERVER_PORT'], String(routerPort(server)));
    assert.equal(environ['wsgi.url_scheme'], 'http');
    assert.equal(environ['HTTP_X_FORWARDED_FOR'], '127.0.0.1');
    assert.equal(environ['HTTP_X_FORWARDED_PROTO'], 'http');
    assert.equal(environ['HTTP_X_FORWARDED_HOST'], 'test');
    assert.equal(environ['HTTP_FORWARDED'], 'for=127.0.0.1;host=test;proto=http');
    assert.equal(environ['HTTP_CONNECTION'], undefined);
    assert.equal(environ['UWSGI_ROUTER'], 'http');
  });

  it('believes proxies that are trusted', async () => {
    const server = await startRouted(['--http-trusted', '10.0.0.0/8,127.0.0.1']);
    const lines = ['X-Forwarded-For: 203.0.113.7', 'X-Forwarded-Proto: https'];
    const environ = await environOf(server, lines);
    assert.equal(environ['HTTP_X_FORWARDED_FOR'], '203.0.113.7, 127.0.0.1');
    assert.equal(environ['wsgi.url_scheme'], 'https');
    assert.match(environ['HTTP_FORWARDED'] ?? '', /^for=203\.0\.113\.7, for=127\.0\.0\.1;/);
  });

  it('passes 50 MB both ways, and chunked bodies', async () => {
    const server = await startRouted();
    const socket = await RawSocket.connect(routerPort(server));
    for (const chunked of [false, true]) {
      const body = randomBytes(chunked ? LARGE_BYTES / 10 : LARGE_BYTES);
      const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
      await socket.send(requestHead('/echo', [framing], 'POST'));
      if (chunked) await socket.send(`${body.length.toString(16)}\r\n`);
      await socket.send(body);
      if (chunked) await socket.send('\r\n0\r\n\r\n');
      const response = await socket.readResponse();
      assert.equal(response.status, 200);
      assert.equal(sha256(response.body), sha256(body));
    }
  });

  it('passes an upload on while it comes where bodies are not buffered', async () => {
    const server = await startRouted(['--post-buffering', '0']);
    const socket = await RawSocket.connect(routerPort(server));
    await socket.send(requestHead('/echo', ['Content-Length: 6'], 'POST'));
    await socket.send('one');
    const head = await socket.readUntil('\r\n\r\n', 'the head of the response');
    assert.match(head.toString(), /^HTTP\/1\.1 200 /);
    await socket.readUntil('one', 'the first half');
    await socket.send('two');
    await socket.readUntil('two', 'the second half');
  });

  it('has no body for HEAD, 204 and 304, and keeps the connection', async () => {
    const server = await startRouted();
    const socket = await RawSocket.connect(routerPort(server));
    const head = await socket.request(requestHead('/large?70000', [], 'HEAD'), { method: 'HEAD' });
    assert.equal(head.header('content-length'), '70000');
    assert.equal((await socket.request(requestHead('/empty'))).status, 204);
    const unmodified = await socket.request(requestHead('/not-modified'));
    assert.equal(unmodified.status, 304);
    assert.equal(unmodified.header('etag'), '"a"');
    assert.equal((await socket.request(requestHead('/nowhere'))).text, 'Not Found\n');
    assert.equal(server.log.matching(/\[http\] (?!refused)/).length, 0);
  });

  it('refuses WebSocket handshakes and CONNECT with 501', async () => {
    const server = await startRouted();
    const port = routerPort(server);
    const lines = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    assert.equal((await requestOnce(port, requestHead('/pid', lines))).status, 501);
    assert.equal(
      (await requestOnce(port, requestHead('example.org:443', [], 'CONNECT'))).status,
      501,
    );
  });

  it('answers 200 clients at once', async () => {
    const server = await startRouted(TWO);
    const port = routerPort(server);
    const sockets = await Promise.all(Array.from({ length: 200 }, () => RawSocket.connect(port)));
    for (const path of ['/pid', '/large?100000']) {
      const answers = await Promise.all(sockets.map((socket) => socket.request(requestHead(path))));
      assert.ok(answers.every(({ status }) => status === 200));
    }
  });

  it('closes connections where keep-alive is off', async () => {
    const server = await startRouted(['--http-keepalive=0']);
    const socket = await RawSocket.connect(routerPort(server));
    const response = await socket.request(requestHead('/pid'));
    assert.equal(response.header('connection'), 'close');
    assert.equal(await socket.waitForEnding(), 'end');
  });

  it('accepts on a UNIX socket, where nobody has an address', async () => {
    const path = join(tempDir(), 'http.sock');
    const server = await startRouted(['--http', path]);
    const environ = JSON.parse(await textOverUnix(path, '/environ')) as Record<string, string>;
    assert.equal(environ['REMOTE_ADDR'], '');
    assert.equal(environ['HTTP_X_FORWARDED_FOR'], undefined);
    assert.equal(environ['HTTP_FORWARDED'], 'for=unknown;host=localhost;proto=http');
    await server.stop();
    assert.ok(!existsSync(path));
  });

  it('reaches the workers after privileges were dropped', async function () {
    if (process.getuid?.() !== 0) skipFor(this, 'only root can drop privileges');
    const directory = tempFiles({
      'app.mjs':
        "export const application = (e, start) => { start('200 OK', []); return String(process.getuid()); };",
    });
    chmodSync(directory, 0o755);
    const app = join(directory, 'app.mjs');
    const server = await startRouter(['--wsgi-file', app, '--uid', '65534', '--gid', '65534']);
    assert.equal((await get(routerPort(server), '/')).text, '65534');
  });
});

function textOverUnix(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { socketPath, path, agent: false };
    request(options, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
}

describe('the HTTP router when a worker dies', () => {
  for (const count of [1, 2]) {
    it(`keeps the client's connection (${count} worker${count === 1 ? '' : 's'})`, async () => {
      const server = await startRouted(['--processes', String(count), '--respawn-delay', '0.01']);
      const socket = await RawSocket.connect(routerPort(server));
      for (let round = 0; round < 3; round++) {
        const { text } = await socket.request(requestHead('/pid'));
        process.kill(Number(text), 'SIGKILL');
        await waitUntil('it to be dead', () => !isAlive(Number(text)));
      }
      assert.equal((await socket.request(requestHead('/pid'))).status, 200);
    });
  }

  it('repeats a GET at another one, and not a POST', async () => {
    const server = await startRouted(TWO);
    const port = routerPort(server);
    const directory = tempDir();
    const repeated = await RawSocket.connect(port);
    const lost = await RawSocket.connect(port);
    await repeated.send(requestHead(`/until?${directory}`));
    await lost.send(`${requestHead(`/until?${directory}`, ['Content-Length: 2'], 'POST')}ab`);
    const workers = [1, 2].map((id) => pidOf(server, 'worker', id));
    await waitUntil('both requests to run', () => readdirSync(directory).length === 2);
    for (const pid of workers) process.kill(pid, 'SIGKILL');
    assert.equal((await lost.readResponse()).status, 502);
    writeFileSync(join(directory, 'told'), '');
    const response = await repeated.readResponse();
    assert.equal(response.status, 200);
    assert.ok(!workers.includes(Number(response.text)));
    assert.match(server.log.text, /\[http\] backend worker \d .*: GET \/until.* goes to worker/);
    assert.match(server.log.text, /\[http\] 502 Bad Gateway: POST \/until.*: backend worker \d /);
  });

  it('cuts a response that had begun', async () => {
    const server = await startRouted(TWO);
    const socket = await RawSocket.connect(routerPort(server));
    await socket.send(requestHead(`/begin-until?${tempDir()}`));
    await socket.readUntil('begun', 'the beginning');
    for (const id of [1, 2]) process.kill(pidOf(server, 'worker', id), 'SIGKILL');
    await socket.waitForEnding();
    assert.match(server.log.text, /response cut: GET \/begin-until.* after 6 of the 10 bytes/);
  });
});

describe('the life of routers', () => {
  it('is not touched by a reload of the workers, which nobody notices', async () => {
    const server = await startRouted([...TWO, '--disable-logging']);
    const kept = await RawSocket.connect(routerPort(server));
    const load = new Load(routerPort(server), 4, '/pid');
    try {
      server.kill('SIGHUP');
      await server.log.waitFor(/graceful reload complete/);
      assert.equal((await kept.request(requestHead('/pid'))).status, 200);
    } finally {
      await load.stop();
    }
    assert.deepEqual(load.failures, []);
    assert.ok(load.answers.length > 0);
    assert.equal(server.log.matching(/spawned tsuwsgi-native router/i).length, 1);
  });

  it('goes on with a new one when one dies', async () => {
    const server = await startRouted(['--respawn-delay', '0.01']);
    const first = pidOf(server, 'router', 1);
    process.kill(first, 'SIGKILL');
    await server.log.waitFor(/Respawned tsuwsgi-native router 1/);
    assert.equal((await get(routerPort(server), '/pid')).status, 200);
    assert.notEqual(pidOf(server, 'router', 1), first);
  });

  it('ends before that of the workers, after the requests', async () => {
    const server = await startRouted(TWO);
    const directory = tempDir();
    const socket = await RawSocket.connect(routerPort(server));
    await socket.send(requestHead(`/begin-until?${directory}`));
    await socket.readUntil('begun', 'the beginning');
    server.kill('SIGTERM');
    await server.log.waitFor(/stopping gracefully, routers/);
    writeFileSync(join(directory, 'told'), '');
    await socket.readUntil('done', 'the end of the response');
    assert.deepEqual(await server.end(), { code: 0, signal: null });
    const order = server.log.matching(/(router|worker) \d buried/);
    assert.deepEqual(
      order.map((line) => /(router|worker) \d buried/.exec(line)?.[1]),
      ['router', 'worker', 'worker'],
    );
  });

  it('ends at once with SIGQUIT, also of requests that run', async () => {
    const server = await startRouted(TWO);
    const socket = await RawSocket.connect(routerPort(server));
    await socket.send(requestHead(`/begin-until?${tempDir()}`));
    await socket.readUntil('begun', 'the beginning');
    assert.deepEqual(await server.stop('SIGQUIT'), { code: 0, signal: null });
    await socket.waitForEnding();
  });

  it('does not begin where no application can be loaded', async () => {
    const server = await startRouter(['--wsgi-file', '/nonexistent.mjs'], { waitForReady: false });
    const { code } = await server.end();
    assert.equal(code, 22);
    assert.match(server.log.text, /router 1 buried/);
  });

  it('leaves nothing in the temporary directory', async () => {
    const directory = tempDir();
    const server = await startRouted(TWO, { env: { TMPDIR: directory } });
    const ours = (): string[] =>
      readdirSync(directory).filter((name) => name.startsWith('tsuwsgi-'));
    assert.deepEqual(ours(), []);
    await server.stop();
    assert.deepEqual(ours(), []);
  });
});
