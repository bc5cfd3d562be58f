/** UNIX sockets as clients, front servers and the file system see them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { onCleanup } from '../helpers/cleanup.js';
import { get, requestText } from '../helpers/get.js';
import { requireProgram, skipFor } from '../helpers/programs.js';
import { RawSocket, requestOnce } from '../helpers/raw-socket.js';
import { startServer, testApp, type Server } from '../helpers/server.js';
import { tempDir } from '../helpers/temp-dir.js';
import { getPacket, postPacket } from '../helpers/uwsgi-packet.js';
import { withResolvers } from '../helpers/wait-until.js';
import { brokenApp } from '../helpers/supervised-apps.js';

const APP = ['--wsgi-file', testApp('environ.ts')];
const http = (path: string): string[] => ['--http-socket', path];

type Entries = Readonly<Record<string, unknown>>;

async function environOver(path: string, target = '/'): Promise<Entries> {
  return JSON.parse((await get(path, target)).text) as Entries;
}

async function refused(args: readonly string[]): Promise<string> {
  const server = await startServer([...args, ...APP], { waitForReady: false });
  assert.deepEqual(await server.end(), { code: 1, signal: null });
  return server.log.text;
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8);
}

for (const mode of [[], ['--threads', '2'], ['--processes', '2'], ['-p', '2', '--threads', '2']]) {
  describe(`UNIX sockets (${mode.join(' ') || 'one loop'})`, () => {
    let server: Server;
    let directory: string;
    const abstractName = `tsuwsgi-test-${process.pid}-${mode.join('')}`;
    before(async () => {
      directory = tempDir();
      server = await startServer([
        ...http(join(directory, 'h.sock')),
        ...http('127.0.0.1:0'),
        ...http(`@${abstractName}`),
        '--socket',
        join(directory, 'u.sock'),
        ...mode,
        ...APP,
      ]);
    });
    after(() => server.stop());

    it('are named in the log beside the others', () => {
      const lines = server.log.matching(/socket \d+ bound to/).join('\n');
      assert.match(lines, /^uwsgi socket 0 bound to UNIX address .*\/u\.sock fd \d+$/m);
      assert.match(lines, /^http socket 1 bound to UNIX address .*\/h\.sock fd \d+$/m);
      assert.match(lines, /^http socket 2 bound to TCP address 127\.0\.0\.1:\d+ .*fds? [\d,-]+$/m);
      assert.match(lines, /^http socket 3 bound to UNIX address @tsuwsgi-test-\S+ fd \d+$/m);
    });

    it('serve HTTP to clients that have no address', async () => {
      const environ = await environOver(join(directory, 'h.sock'), '/a?b');
      assert.deepEqual(
        [environ['REMOTE_ADDR'], environ['REMOTE_PORT'], environ['SERVER_PORT']],
        ['', '', '80'],
      );
      assert.equal(environ['SERVER_NAME'], hostname());
      assert.equal(environ['PATH_INFO'], '/a');
      assert.equal((await get(server.portOf(2), '/')).status, 200);
    });

    it('keep connections open for HTTP', async () => {
      const socket = await RawSocket.connect(join(directory, 'h.sock'));
      for (const path of ['/1', '/2', '/3']) {
        const { text } = await socket.request(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
        assert.equal((JSON.parse(text) as Entries)['PATH_INFO'], path);
      }
      socket.close();
    });

    it('serve the uwsgi protocol, bodies included', async () => {
      const path = join(directory, 'u.sock');
      const environ = JSON.parse((await requestOnce(path, getPacket('/x'))).text) as Entries;
      assert.deepEqual([environ['PATH_INFO'], environ['REMOTE_ADDR']], ['/x', '192.0.2.7']);
      const body = 'b'.repeat(1_000_000);
      const answer = await requestOnce(path, postPacket('/y', body));
      assert.equal((JSON.parse(answer.text) as Entries)['body'], body);
    });

    it('serve curl, also by an abstract name', function () {
      const curl = requireProgram(this, 'curl');
      const options = { encoding: 'utf8', timeout: 20_000 } as const;
      const ask = (...args: string[]): string =>
        spawnSync(curl, ['-sS', ...args, 'http://a.test/c'], options).stdout;
      for (const args of [
        ['--unix-socket', join(directory, 'h.sock')],
        ['--abstract-unix-socket', abstractName],
      ]) {
        assert.equal((JSON.parse(ask(...args)) as Entries)['HTTP_HOST'], 'a.test');
      }
    });
  });
}

describe("a UNIX socket's file", () => {
  it('has the mode that was asked for, and without one what the umask leaves', async () => {
    const directory = tempDir();
    const path = (name: string): string => join(directory, name);
    const before = process.umask(0o027);
    onCleanup(() => void process.umask(before));
    await startServer([...http(path('usual')), ...APP]);
    await startServer([...http(path('open')), '--chmod-socket', ...APP]);
    await startServer([...http(path('group')), '--chmod-socket=660', '-p', '2', ...APP]);
    assert.deepEqual(['usual', 'open', 'group'].map(path).map(modeOf), ['750', '666', '660']);
  });

  it('has the owner that was asked for', async function () {
    if (process.getuid?.() !== 0) skipFor(this, 'only root gives files away');
    const directory = tempDir();
    const path = join(directory, 'a.sock');
    await startServer([...http(path), '--chown-socket', '12345:54321', ...APP]);
    const { uid, gid } = statSync(path);
    assert.deepEqual([uid, gid], [12345, 54321]);
  });

  it('is not made for an owner that does not exist', async () => {
    const path = join(tempDir(), 'a.sock');
    const log = await refused([...http(path), '--chown-socket', 'no-such-user']);
    assert.match(log, /--chown-socket no-such-user: this system has no user "no-such-user"/);
    assert.ok(!existsSync(path));
  });

  it('is relative to --chdir, as with uWSGI', async () => {
    const directory = tempDir();
    const server = await startServer(['--chdir', directory, ...http('a.sock'), ...APP]);
    assert.equal((await get(join(directory, 'a.sock'), '/')).status, 200);
    await server.stop();
    assert.ok(!existsSync(join(directory, 'a.sock')));
  });

  it('is replaced where its server is dead', async () => {
    const path = join(tempDir(), 'a.sock');
    const first = await startServer([...http(path), ...APP]);
    await first.stop('SIGKILL');
    assert.ok(existsSync(path), 'a killed server removes nothing');
    await startServer([...http(path), ...APP]);
    assert.equal((await get(path, '/')).status, 200);
  });

  for (const processes of ['1', '2']) {
    it(`is never taken from a server that listens (${processes} processes)`, async () => {
      const path = join(tempDir(), 'a.sock');
      const args = [...http(path), '-p', processes];
      await startServer([...args, ...APP]);
      const log = await refused(args);
      assert.match(log, /a\.sock: another server listens there .*: stop it, or choose another/);
      assert.equal((await get(path, '/')).status, 200);
    });
  }

  it('does not replace a file that is no socket', async () => {
    const path = join(tempDir(), 'a.sock');
    writeFileSync(path, 'precious');
    assert.match(await refused(http(path)), /not a socket and is not overwritten/);
    assert.equal(readFileSync(path, 'utf8'), 'precious');
  });

  it('needs a directory', async () => {
    const path = join(tempDir(), 'no', 'a.sock');
    assert.match(await refused(http(path)), /directory \S+\/no does not exist: create it/);
  });

  it('goes when another address cannot be bound', async () => {
    const directory = tempDir();
    const args = [...http(join(directory, 'a.sock')), ...http(join(directory, 'no', 'b.sock'))];
    await refused(args);
    assert.ok(!existsSync(join(directory, 'a.sock')));
  });
});

describe('--vacuum', () => {
  for (const mode of [[], ['--processes', '2']]) {
    const name = mode.length === 0 ? 'alone' : 'master';

    it(`removes the file when the server stops, before the last answer (${name})`, async () => {
      const path = join(tempDir(), 'a.sock');
      const app = ['--wsgi-file', testApp('gateway.ts')];
      const server = await startServer([...http(path), ...mode, ...app]);
      const waiting = await RawSocket.connect(path);
      await waiting.send(requestText('GET', '/hold'));
      server.kill('SIGTERM');
      await server.log.waitFor(/VACUUM: unix socket \S+\/a\.sock removed\./);
      assert.ok(!existsSync(path));
      assert.ok(server.running);
      waiting.close();
      assert.deepEqual(await server.end(), { code: 0, signal: null });
    });

    it(`removes the file of a server whose application cannot be loaded (${name})`, async () => {
      const path = join(tempDir(), 'a.sock');
      const { path: broken } = brokenApp('throw new Error("broken")');
      const server = await startServer([...http(path), ...mode, '--wsgi-file', broken], {
        waitForReady: false,
      });
      server.allowAlert(/broken/);
      assert.equal((await server.end()).code, 22);
      assert.ok(!existsSync(path));
    });

    it(`leaves the file of another server that has come in its place (${name})`, async () => {
      const path = join(tempDir(), 'a.sock');
      const server = await startServer([...http(path), ...mode, ...APP]);
      rmSync(path);
      const other = createServer();
      onCleanup(() => void other.close());
      const { promise, resolve } = withResolvers<undefined>();
      other.listen(path, () => resolve(undefined));
      await promise;
      await server.stop();
      assert.equal(server.log.matching(/a\.sock stays: it belongs to another server/).length, 1);
      assert.ok(existsSync(path));
    });
  }

  it('can be switched off', async () => {
    const path = join(tempDir(), 'a.sock');
    const server = await startServer([...http(path), '--no-vacuum', ...APP]);
    await server.stop();
    assert.ok(existsSync(path));
  });
});
