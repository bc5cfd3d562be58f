/** Upgrades to options with other addresses: what nobody serves any more is closed, not left to listen for ever. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { get } from '../helpers/get.js';
import { upgradedPid } from '../helpers/masters.js';
import { isAlive } from '../helpers/processes.js';
import { RawSocket } from '../helpers/raw-socket.js';
import { readAll } from '../helpers/read-all.js';
import { startServer, type Server } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';
import { freePorts } from '../peers/place.js';

const GET = 'GET /pid HTTP/1.1\r\nHost: test\r\n\r\n';
const served = (): string => `wsgi-file = ${pathsApp().path}`;

/** A server whose options are in a file: these lines, then others with each upgrade. */
class Rewritten {
  readonly #ini = join(tempDir(), 'a.ini');
  #server!: Server;
  #master = 0;

  get log(): Server['log'] {
    return this.#server.log;
  }

  async start(...lines: readonly string[]): Promise<void> {
    this.#write(lines);
    this.#server = await startServer(['--ini', this.#ini], { ownSockets: true });
    this.#master = this.#server.pid;
  }

  /** Returns when the old master is gone; the pid of the new one. */
  async upgrade(...lines: readonly string[]): Promise<number> {
    this.#write(lines);
    const old = this.#master;
    this.#master = await upgradedPid(this.#server, old);
    await waitUntil(`master ${old} to end`, () => !isAlive(old));
    return this.#master;
  }

  #write(lines: readonly string[]): void {
    writeFileSync(this.#ini, ['[uwsgi]', 'master = true', ...lines, ''].join('\n'));
  }
}

const refused = (port: number): Promise<void> =>
  assert.rejects(RawSocket.connect(port), { code: 'ECONNREFUSED' });

describe('binary upgrade to other addresses', () => {
  it('without the router: its address is closed, or the workers’ own', async () => {
    const [first = 0, second = 0, own = 0] = await freePorts(3);
    const server = new Rewritten();
    const http = [first, second].map((port) => `http = 127.0.0.1:${port}`);
    const workers = `http-socket = 127.0.0.1:${own}`;
    const app = served();
    await server.start(...http, workers, app);
    await server.upgrade(workers, `http-socket = 127.0.0.1:${second}`, app);
    await refused(first);
    for (const port of [second, own]) assert.equal((await get(port, '/pid')).status, 200);
  });

  it('where routers take the workers’ address, and give one back', async () => {
    const [first = 0, second = 0] = await freePorts(2);
    const server = new Rewritten();
    const address = (option: string, port: number): string => `${option} = 127.0.0.1:${port}`;
    const app = served();
    const asked = async (): Promise<void> => {
      for (const port of [first, second]) assert.equal((await get(port, '/pid')).status, 200);
    };
    await server.start(address('http-socket', first), address('http', second), app);
    await asked();
    await server.upgrade(address('http', first), address('http', second), app);
    await asked();
    await server.upgrade(address('http', first), address('http-socket', second), app);
    await asked();
  });

  it('of port 0, which routers and workers keep apart', async () => {
    const server = new Rewritten();
    const lines = ['http-socket = 127.0.0.1:0', 'http = 127.0.0.1:0', served()];
    const bound = async (from = 0): Promise<(string | undefined)[]> => {
      const workers = await server.log.waitFor(/ socket 0 bound to TCP address (\S+)/, 5000, from);
      const routers = await server.log.waitFor(/http bound on (\S+)/, 5000, from);
      return [workers[1], routers[1]];
    };
    await server.start(...lines);
    const before = await bound();
    const from = server.log.lines.length;
    await server.upgrade(...lines);
    assert.deepEqual(await bound(from), before);
  });

  it('without workers: their clients are not left waiting', async () => {
    const [client = 0, router = 0, elsewhere = 0] = await freePorts(3);
    const server = new Rewritten();
    await server.start(`http-socket = 127.0.0.1:${client}`, served());
    const kept = await RawSocket.connect(client);
    assert.equal((await kept.request(GET)).status, 200);
    await server.upgrade(`http = 127.0.0.1:${router}`, `http-to = 127.0.0.1:${elsewhere}`);
    assert.equal(await kept.waitForEnding(), 'end');
    await refused(client);
    assert.equal((await get(router, '/pid')).status, 502);
  });

  it('of the statistics', async () => {
    const [own, stats = 0, other = 0] = await freePorts(3);
    const server = new Rewritten();
    const common = [served(), `http-socket = 127.0.0.1:${own}`];
    await server.start(...common, `stats = 127.0.0.1:${stats}`, `stats = 127.0.0.1:${other}`);
    const master = await server.upgrade(...common, `stats = :${stats}`);
    await server.log.waitFor(new RegExp(`Stats server enabled on 0.0.0.0:${stats}`));
    assert.equal((JSON.parse(await readAll(stats)) as { pid: number }).pid, master);
    await refused(other);
    await server.upgrade(...common);
    await refused(stats);
  });

  it('of the statistics at a file, which is removed where nobody answers there any more', async () => {
    const file = join(tempDir(), 'stats.sock');
    const server = new Rewritten();
    const common = [served(), 'http-socket = 127.0.0.1:0'];
    await server.start(...common, `stats = ${file}`);
    const master = await server.upgrade(...common, `stats = ${file}`);
    assert.equal((JSON.parse(await readAll(file)) as { pid: number }).pid, master);
    await server.upgrade(...common);
    await waitUntil('the file to be removed', () => !existsSync(file));
  });
});
