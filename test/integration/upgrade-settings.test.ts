/** Upgrades of servers that are more than one HTTP socket, under clients that keep their connections. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAddon } from '../../src/binding/load.js';
import { onCleanup } from '../helpers/cleanup.js';
import { get } from '../helpers/get.js';
import { KeptLoad } from '../helpers/kept-load.js';
import { upgradedPid } from '../helpers/masters.js';
import { isAlive } from '../helpers/processes.js';
import { RawSocket } from '../helpers/raw-socket.js';
import { readAll } from '../helpers/read-all.js';
import { startServer, testApp, type Server } from '../helpers/server.js';
import { brokenApp, pathsApp } from '../helpers/supervised-apps.js';
import { freePorts } from '../peers/place.js';
import { SlowVersion } from '../helpers/slow-version.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

/** Upgrades once for each step, which may change files before; returns the pid of the last master. */
async function upgraded(
  server: Server,
  target: number | string,
  ...steps: readonly (() => void)[]
): Promise<number> {
  const load = new KeptLoad({ target, connections: 16, rate: 100, path: '/pid' });
  await load.answered(50);
  let master = server.pid;
  for (const step of steps) {
    step();
    const old = master;
    master = await upgradedPid(server, old);
    await waitUntil(`master ${old} to end`, () => !isAlive(old));
    await load.answered(50);
  }
  await load.stop();
  assert.deepEqual(load.complaints(), []);
  return master;
}

const GET = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n';
const nothing = (): void => undefined;

const NUMBERS: readonly (readonly [string, string, string])[] = [
  ['processes = 2', 'processes = 4', 'processes = 1'],
  ['processes = 4\nthreads = 2', 'processes = 2', 'processes = 2\nthreads = 4'],
  ['processes = 4\ncheaper = 1', 'processes = 4\ncheaper = 2', 'processes = 3'],
];

describe('binary upgrade of all kinds of servers', () => {
  it('sockets of a service manager', async () => {
    const host = { host: '127.0.0.1', port: 0 };
    const { fd, port } = loadAddon().bindListener({ ...host, backlog: 16, reusePort: false });
    onCleanup(() => loadAddon().closeListener(fd));
    const args = ['--processes', '2', '--protocol', 'http', '--wsgi-file', pathsApp().path];
    const server = await startServer(args, {
      ownSockets: true,
      wrapper: ['sh', '-c', 'export LISTEN_PID=$$; exec "$0" "$@"'],
      fds: [fd],
      env: { LISTEN_FDS: '1' },
    });
    await upgraded(server, port, nothing, nothing);
  });

  for (const [before, then, last] of NUMBERS) {
    it(`other numbers: ${[before, then, last].join(', then ').replaceAll('\n', ', ')}`, async () => {
      const directory = tempDir();
      const at = (name: string): string => join(directory, name);
      const common =
        `[uwsgi]\nmaster = true\nhttp-socket = 127.0.0.1:0\nhttp-socket = ${at('http.sock')}
        stats = ${at('stats.sock')}\nmaster-fifo = ${at('fifo')}\npidfile = ${at('pid')}
        wsgi-file = ${pathsApp().path}\n`.replaceAll(/^ +/gm, '');
      const write = (text: string) => (): void => writeFileSync(at('a.ini'), common + text);
      write(before)();
      const server = await startServer(['--ini', at('a.ini')], { ownSockets: true });
      const master = await upgraded(server, server.port, write(then), write(last));
      assert.equal(Number(readFileSync(at('pid'), 'utf8')), master);
      const stats = JSON.parse(await readAll(at('stats.sock'))) as { pid: number };
      assert.equal(stats.pid, master);
      const from = server.log.lines.length;
      writeFileSync(at('fifo'), 's');
      await server.log.waitFor(/worker 1 .*: ready/, 5000, from);
      process.kill(master, 'SIGTERM');
      await server.exited;
      for (const name of ['http.sock', 'stats.sock', 'pid']) assert.ok(!existsSync(at(name)), name);
    });
  }

  it('more processes: no client waits for the new ones while they are loaded', async () => {
    const ini = join(tempDir(), 'a.ini');
    const version = new SlowVersion();
    const configure = (processes: number): void =>
      writeFileSync(
        ini,
        `[uwsgi]\nmaster = true\nhttp-socket = 127.0.0.1:0\nprocesses = ${processes}\nwsgi-file = ${version.path}\n`,
      );
    const answers = async (): Promise<string[]> => {
      const texts = new Set<string>();
      for (let client = 0; client < 100; client += 1) texts.add((await get(server.port, '/')).text);
      return [...texts];
    };
    configure(2);
    const server = await startServer(['--ini', ini], { ownSockets: true });
    configure(4);
    version.deploy();
    const upgraded = upgradedPid(server);
    await version.loading();
    assert.deepEqual(await answers(), ['old']);
    version.allow();
    await upgraded;
    await waitUntil('the old master to end', () => !isAlive(server.pid));
    assert.deepEqual(await answers(), ['new']);
  });

  it('more processes: the server can rest without workers, and wakes for a client', async () => {
    const directory = tempDir();
    const at = (name: string): string => join(directory, name);
    const configure = (processes: number): void =>
      writeFileSync(
        at('a.ini'),
        `[uwsgi]\nmaster = true\nhttp-socket = 127.0.0.1:0\nstats = ${at('stats.sock')}
        master-fifo = ${at('fifo')}\nprocesses = ${processes}\nwsgi-file = ${pathsApp().path}\n`,
      );
    configure(2);
    const server = await startServer(['--ini', at('a.ini')], { ownSockets: true });
    configure(4);
    const from = server.log.lines.length;
    await upgradedPid(server);
    await waitUntil('the old master to end', () => !isAlive(server.pid));
    await server.log.waitFor(/bound to TCP address .* fds \d+[-,]\d+$/, 5000, from);
    const { sockets } = JSON.parse(await readAll(at('stats.sock'))) as {
      sockets: { queues: number[] }[];
    };
    assert.equal(sockets[0]?.queues.length, 2);
    writeFileSync(at('fifo'), 'C');
    const left = (): boolean => server.log.matching(/worker \d cheaped/).length === 4;
    await waitUntil('all workers to leave', left);
    assert.equal((await get(server.port, '/pid')).status, 200);
  });

  it('other sockets: each connection is known by the port through which it came', async () => {
    const ini = join(tempDir(), 'a.ini');
    const [first = 0, second = 0, third = 0] = await freePorts(3);
    const listen = (...ports: readonly number[]): void => {
      const sockets = ports.map((port) => `http-socket = 127.0.0.1:${port}\n`);
      writeFileSync(ini, `[uwsgi]\nmaster = true\n${sockets.join('')}`);
    };
    listen(first, second);
    const app = brokenApp(
      `export const application = (environ, start) => { start('200 OK', []); return environ.SERVER_PORT; };`,
    );
    const args = ['--ini', ini, '--wsgi-file', app.path];
    const server = await startServer(args, { ownSockets: true });
    const clients = await Promise.all([first, second].map((port) => RawSocket.connect(port)));
    const ask = async (client: RawSocket): Promise<number> =>
      Number((await client.request(GET)).text);
    assert.deepEqual(await Promise.all(clients.map(ask)), [first, second]);
    listen(third, second, first);
    const next = await upgradedPid(server);
    await waitUntil('the old master to end', () => !isAlive(server.pid));
    assert.deepEqual(await Promise.all(clients.map(ask)), [first, second]);
    listen(third);
    await upgradedPid(server, next);
    for (const client of clients) assert.equal(await client.waitForEnding(), 'end');
    assert.equal(Number((await get(third, '/')).text), third);
  });

  it('a fifo that cannot be made fails the upgrade, and the old one serves', async () => {
    const directory = tempDir();
    const ini = join(directory, 'a.ini');
    writeFileSync(ini, '[uwsgi]\n');
    const server = await startServer(['--master', '--ini', ini, '--wsgi-file', pathsApp().path]);
    writeFileSync(ini, `[uwsgi]\nmaster-fifo = ${directory}\n`);
    server.kill('SIGUSR2');
    await server.log.waitFor(/master-fifo = .*: there is a file that is no pipe/);
    await server.log.waitFor(/upgrade failed: the new master did not become ready/);
    assert.equal((await get(server.port, '/pid')).status, 200);
  });

  it('caches of the application stay as long as they are configured alike', async () => {
    const ini = join(tempDir(), 'a.ini');
    const write = (items: number): void =>
      writeFileSync(ini, `[uwsgi]\ncache2 = name=first,items=${items}\n`);
    write(100);
    const server = await startServer([
      ...['--processes', '2', '-L', '--ini', ini, '--wsgi-file', testApp('functions.ts')],
    ]);
    const count = async (): Promise<number> => Number((await get(server.port, '/inc')).text);
    assert.equal(await count(), 1);
    const second = await upgradedPid(server);
    await waitUntil('the old master to end', () => !isAlive(server.pid));
    assert.equal(await count(), 2);
    write(200);
    await upgradedPid(server, second);
    await waitUntil('the old master to end', () => !isAlive(second));
    assert.match(server.log.text, /caches and locks begin anew/);
    assert.equal(await count(), 1);
  });
});
