import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { onCleanup } from '../helpers/cleanup.js';
import { skipFor } from '../helpers/programs.js';
import { requestOnce } from '../helpers/raw-socket.js';
import { startServer, type Server } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { withResolvers } from '../helpers/wait-until.js';

const GET = 'GET /pid HTTP/1.1\r\nHost: test\r\n\r\n';

const sockets = (...addresses: string[]): string[] =>
  addresses.flatMap((address) => ['--http-socket', address]);

async function hasIpv6(): Promise<boolean> {
  const { promise, resolve } = withResolvers<boolean>();
  const probe = createServer();
  probe.once('error', () => resolve(false));
  probe.listen(0, '::1', () => probe.close(() => resolve(true)));
  return promise;
}

/** A port where another program listens. */
async function takenPort(): Promise<number> {
  const { promise, resolve } = withResolvers<number>();
  const other = createServer();
  onCleanup(() => void other.close());
  other.listen(0, '127.0.0.1', () => resolve((other.address() as AddressInfo).port));
  return promise;
}

async function failsToStart(args: readonly string[]): Promise<Server> {
  const server = await startServer(args, { waitForReady: false });
  assert.deepEqual(await server.end(), { code: 1, signal: null });
  return server;
}

describe('listeners', () => {
  const masters = [['--processes', '2', '--threads', '2'], ['--threads', '2'], []];

  for (const master of masters) {
    it(`answers on every address (${master.join(' ') || 'alone'})`, async () => {
      const app = ['--wsgi-file', pathsApp().path];
      const addresses = sockets('127.0.0.1:0', '127.0.0.2:0', 'localhost:0', ':0');
      const server = await startServer([...addresses, ...master, ...app]);
      for (const [socket, host] of [
        [0, '127.0.0.1'],
        [1, '127.0.0.2'],
        [2, 'localhost'],
        [3, '127.0.0.3'],
      ] as const) {
        const response = await requestOnce(server.portOf(socket), GET, { host });
        assert.equal(response.status, 200, host);
      }
      assert.equal(server.log.matching(/port auto-assigned/).length, 4);
    });
  }

  it('answers on IPv6', async function () {
    if (!(await hasIpv6())) skipFor(this, 'this machine has no IPv6');
    const app = ['--wsgi-file', pathsApp().path];
    const server = await startServer([...sockets('[::1]:0'), '--processes', '2', ...app]);
    const port = Number(/\[::1\]:(\d+)/.exec(server.log.text)?.[1]);
    assert.equal((await requestOnce(port, GET, { host: '::1' })).status, 200);
  });

  for (const processes of ['1', '2']) {
    it(`says that an address is taken (${processes} processes)`, async () => {
      const port = await takenPort();
      const args = ['--master', '--processes', processes, '--wsgi-file', pathsApp().path];
      const server = await failsToStart([...sockets(`127.0.0.1:${port}`), ...args]);
      assert.match(server.log.text, new RegExp(`cannot listen on 127.0.0.1:${port}: .* in use`));
    });
  }

  it('does not share a port with another instance of its own', async () => {
    const args = ['--processes', '2', '--wsgi-file', pathsApp().path];
    const first = await startServer(args);
    const second = await failsToStart([...sockets(`127.0.0.1:${first.port}`), ...args]);
    assert.match(second.log.text, /probably by another instance/);
    assert.equal((await requestOnce(first.port, GET)).status, 200);
  });

  it('says that no interface has the address', async () => {
    const args = ['--master', '--wsgi-file', pathsApp().path];
    const server = await failsToStart([...sockets('192.0.2.1:0'), ...args]);
    assert.match(server.log.text, /cannot listen on 192\.0\.2\.1:0: no network interface/);
  });

  it('says that a name cannot be resolved', async () => {
    const args = ['--master', '--wsgi-file', pathsApp().path];
    const server = await failsToStart([...sockets('nowhere.invalid:0'), ...args]);
    assert.match(server.log.text, /host name of nowhere\.invalid:0 cannot be resolved/);
  });

  it('says how many descriptors it needs when there are too few', async () => {
    const args = ['--processes', '16', '--threads', '16', '--wsgi-file', pathsApp().path];
    const server = await startServer(args, {
      wrapper: ['sh', '-c', 'ulimit -n 200; exec "$@"', 'sh'],
      waitForReady: false,
    });
    assert.deepEqual(await server.end(), { code: 1, signal: null });
    assert.match(server.log.text, /256 listening sockets are needed .* limit of open files is 200/);
  });

  it('warns when the kernel cuts --listen', async function () {
    const limit = Number(readFileSync('/proc/sys/net/core/somaxconn', 'latin1'));
    if (limit >= 65_535) skipFor(this, 'net.core.somaxconn is larger than --listen may be');
    const args = ['--master', '--listen', String(limit + 1), '--wsgi-file', pathsApp().path];
    const server = await startServer(args);
    assert.match(server.log.text, new RegExp(`the kernel allows ${limit}: .*sysctl`));
  });
});
