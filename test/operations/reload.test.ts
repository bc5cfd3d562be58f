import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeptLoad } from '../helpers/kept-load.js';
import { startServer, type Server } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { requireNothingLost, startLoad } from './loaded-server.js';

const RELOADS = 20;
const DONE = /reload complete/;

interface Loaded {
  readonly server: Server;
  readonly load: KeptLoad;
}

async function underLoad(...args: string[]): Promise<Loaded> {
  const app = ['--processes', '2', '--wsgi-file', pathsApp().path];
  const server = await startServer([...app, ...args]);
  return { server, load: await startLoad(server.port) };
}

describe('reloads under load that is kept', () => {
  it(`${RELOADS} × SIGHUP: no error, no closed connection`, async function () {
    this.timeout(120_000);
    const { server, load } = await underLoad();
    for (let count = 0; count < RELOADS; count += 1) {
      const from = server.log.lines.length;
      server.kill('SIGHUP');
      await server.log.waitFor(DONE, 30_000, from);
    }
    await requireNothingLost(load);
  });

  it(`${RELOADS} × chain reload: no error, no closed connection`, async function () {
    this.timeout(120_000);
    const fifo = join(tempDir(), 'fifo');
    const { server, load } = await underLoad('--master-fifo', fifo);
    for (let count = 0; count < RELOADS; count += 1) {
      const from = server.log.lines.length;
      writeFileSync(fifo, 'c');
      await server.log.waitFor(DONE, 30_000, from);
    }
    await requireNothingLost(load);
  });
});
