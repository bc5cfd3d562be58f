/** What happens to routers and to the workers behind them, under clients that keep their connections to the router. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pidOf, routerPort, startRouter } from '../integration/router-server.js';
import type { KeptLoad } from '../helpers/kept-load.js';
import type { Server } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';
import { requireNothingLost, startLoad, upgradeTimes } from './loaded-server.js';

const RENEWALS = 6;
const UPGRADES = 3;
const RECYCLES = 30;
const RECYCLED = /worker \d .* is gone, its successor serves/;
const LIMIT_MS = 30_000;

interface Loaded {
  readonly server: Server;
  readonly load: KeptLoad;
}

async function underLoad(...args: string[]): Promise<Loaded> {
  const app = ['--processes', '2', '--http-processes', '2', '-L', '--wsgi-file', pathsApp().path];
  const server = await startRouter([...app, ...args]);
  return { server, load: await startLoad(routerPort(server)) };
}

async function hangUp(server: Server, complete: RegExp): Promise<void> {
  const from = server.log.lines.length;
  server.kill('SIGHUP');
  await server.log.waitFor(complete, LIMIT_MS, from);
}

describe('routers under load that is kept', () => {
  it(`lose nothing in ${RENEWALS} reloads of the workers`, async function () {
    this.timeout(120_000);
    const { server, load } = await underLoad();
    for (let count = 0; count < RENEWALS; count += 1)
      await hangUp(server, /graceful reload complete/);
    await requireNothingLost(load);
  });

  for (const [name, args] of [
    ['private sockets', []],
    ['a UNIX socket', ['--socket', join(tempDir(), 'workers.sock')]],
    ['a TCP socket', ['--socket', '127.0.0.1:0']],
  ] as const) {
    it(`lose nothing in ${RECYCLES} recycles of workers (${name})`, async function () {
      this.timeout(120_000);
      const limits = ['--max-requests', '5', '--min-worker-lifetime', '0'];
      const { server, load } = await underLoad(...limits, ...args);
      const recycled = (): boolean => server.log.matching(RECYCLED).length >= RECYCLES;
      await waitUntil(`${RECYCLES} recycles`, recycled, 100_000);
      await requireNothingLost(load);
    });
  }

  it(`lose nothing in ${RENEWALS} reloads that replace them, for changed options`, async function () {
    this.timeout(120_000);
    const file = join(tempDir(), 'changing.ini');
    const change = (seconds: number): void =>
      writeFileSync(file, `[uwsgi]\nhttp-timeout = ${seconds}\n`);
    change(60);
    const { server, load } = await underLoad('--ini', file);
    for (let count = 0; count < RENEWALS; count += 1) {
      change(61 + count);
      await hangUp(server, /all routers are replaced/);
    }
    await requireNothingLost(load);
  });

  it(`lose nothing in ${UPGRADES} upgrades`, async function () {
    this.timeout(120_000);
    const { server, load } = await underLoad();
    await upgradeTimes(server, UPGRADES);
    await requireNothingLost(load);
  });

  it('lose nothing where one of them leaves', async () => {
    const { server, load } = await underLoad();
    for (const id of [1, 2]) {
      const pid = pidOf(server, 'router', id);
      const from = server.log.lines.length;
      process.kill(pid, 'SIGTERM');
      await server.log.waitFor(new RegExp(`router ${id} .* is ready`), LIMIT_MS, from);
    }
    await requireNothingLost(load);
  });
});
