/** Sockets that a service manager opens and passes: sd_listen_fds(3). */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadAddon } from '../../src/binding/load.js';
import type { BoundListener } from '../../src/binding/native.js';
import { onCleanup } from '../helpers/cleanup.js';
import { get, requestText } from '../helpers/get.js';
import { RawSocket, requestOnce } from '../helpers/raw-socket.js';
import { startServer, type Server, type ServerOptions } from '../helpers/server.js';
import { brokenApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { getPacket } from '../helpers/uwsgi-packet.js';

const addon = loadAddon();

/** Says what it finds of the variables, and which protocol the request came by. */
const APP = `
export function application(environ, startResponse) {
  const found = Object.keys(process.env).filter((name) => name.startsWith('LISTEN_'));
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return environ.PATH_INFO + ' ' + found.join();
}
`;

const appArgs = (): string[] => ['--wsgi-file', brokenApp(APP).path];

/** Listening sockets of this process, which plays the service manager. */
function opened(listener: BoundListener): BoundListener {
  onCleanup(() => addon.closeListener(listener.fd));
  return listener;
}

function openUnix(name: string): BoundListener {
  const options = { abstractName: false, backlog: 16, mode: -1, owner: -1, group: -1 };
  return opened(addon.bindUnixListener({ name, ...options }));
}

function openTcp(): BoundListener {
  return opened(addon.bindListener({ host: '127.0.0.1', port: 0, backlog: 16, reusePort: false }));
}

/** As a service manager does it: the variables name the process that `exec` turns into the server. */
function activate(
  sockets: readonly BoundListener[],
  args: readonly string[],
  options: ServerOptions & { readonly names?: string } = {},
): Promise<Server> {
  const { names, ...rest } = options;
  return startServer(args, {
    ownSockets: true,
    wrapper: ['sh', '-c', 'export LISTEN_PID=$$; exec "$0" "$@"'],
    fds: sockets.map(({ fd }) => fd),
    env: { LISTEN_FDS: String(sockets.length), LISTEN_FDNAMES: names },
    ...rest,
  });
}

for (const mode of [[], ['--processes', '2', '--threads', '2']]) {
  describe(`socket activation (${mode.length === 0 ? 'alone' : 'master'})`, () => {
    it('serves sockets that no option names: uwsgi, or what their name says', async () => {
      const path = join(tempDir(), 'a.sock');
      const sockets = [openUnix(path), openTcp()];
      const args = [...mode, ...appArgs()];
      const server = await activate(sockets, args, { names: 'app.socket:http' });
      assert.equal((await requestOnce(path, getPacket('/u'))).text, '/u ');
      assert.equal((await get(sockets[1]?.port ?? 0, '/h')).text, '/h ');
      assert.match(server.log.text, /^uwsgi socket 0 inherited UNIX address .*a\.sock fd 3$/m);
      assert.match(
        server.log.text,
        /^http socket 1 inherited INET address 127\.0\.0\.1:\d+ fd 4$/m,
      );
      await server.stop();
      assert.ok(existsSync(path), 'whoever bound the socket removes its file');
    });

    it('serves them as the option says that names their address', async () => {
      const path = join(tempDir(), 'a.sock');
      const tcp = openTcp();
      const named = ['--http-socket', path, '--http-socket', `127.0.0.1:${tcp.port}`];
      const args = [...named, ...mode, ...appArgs()];
      const server = await activate([openUnix(path), tcp], args);
      assert.equal((await get(path, '/u')).text, '/u ');
      assert.equal((await get(tcp.port, '/h')).text, '/h ');
      assert.equal(server.log.matching(/^http socket \d inherited/).length, 2);
    });

    it('loses no client that comes between two servers', async () => {
      const path = join(tempDir(), 'a.sock');
      const socket = openUnix(path);
      const args = ['--protocol', 'http', ...mode, ...appArgs()];
      const first = await activate([socket], args);
      await first.stop();
      const early = await RawSocket.connect(path);
      await early.send(requestText('GET', '/early'));
      await activate([socket], args);
      assert.equal((await early.readResponse()).text, '/early ');
    });

    it('gives a router the socket at its address, and the workers the others', async () => {
      const path = join(tempDir(), 'a.sock');
      const tcp = openTcp();
      const args = ['--http', `127.0.0.1:${tcp.port}`, ...mode, ...appArgs()];
      const server = await activate([openUnix(path), tcp], args);
      assert.equal((await get(tcp.port, '/r')).text, '/r ');
      assert.equal((await requestOnce(path, getPacket('/w'))).text, '/w ');
      assert.equal(server.log.matching(/uwsgi socket \d inherited/).length, 1);
    });

    it('takes a descriptor that is named by its number', async () => {
      const tcp = openTcp();
      const args = ['--http-socket', 'fd://3', ...mode, ...appArgs()];
      await startServer(args, { fds: [tcp.fd] });
      assert.equal((await get(tcp.port, '/n')).text, '/n ');
    });
  });
}

describe('socket activation that cannot be', () => {
  async function refused(args: readonly string[], options: ServerOptions): Promise<string> {
    const server = await startServer([...args, ...appArgs()], {
      ownSockets: true,
      waitForReady: false,
      ...options,
    });
    assert.deepEqual(await server.end(), { code: 1, signal: null });
    return server.log.text;
  }

  it('says what is wrong with a descriptor', async () => {
    const log = await refused(['--http-socket', 'fd://0'], {});
    assert.match(log, /cannot accept from the inherited descriptor 0: it is not a socket/);
  });

  it('says that a wrapper came between service manager and server', async () => {
    const env = { LISTEN_PID: '1', LISTEN_FDS: '1' };
    const path = join(tempDir(), 'a.sock');
    const server = await startServer(['--http-socket', path, ...appArgs()], { env });
    assert.equal(server.log.matching(/names sockets for process 1, this is \d+/).length, 1);
    assert.match(await refused([], { env }), /no socket.*names sockets for process 1/);
  });
});
