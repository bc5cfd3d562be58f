import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeptLoad } from '../helpers/kept-load.js';
import { startServer, type Server } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const ROUNDS = 10;

async function logged(server: Server, pattern: RegExp, count: number): Promise<void> {
  const what = `${count} lines ${pattern.source}`;
  await waitUntil(what, () => server.log.matching(pattern).length >= count, 30_000);
}

/** A worker more and a worker fewer, ten times. The oldest leaves, so every one of them does in turn. */
async function growAndShrink(server: Server, fifo: string, load: KeptLoad): Promise<void> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    writeFileSync(fifo, '+');
    await logged(server, /is ready after/, round + 1);
    await load.answered(30);
    writeFileSync(fifo, '-');
    await logged(server, / cheaped \(drained\)/, round);
    await load.answered(30);
  }
}

describe('adaptive workers under constant load', () => {
  for (const place of ['tcp', 'unix'] as const) {
    it(`grow and shrink ${ROUNDS} times, and no client notices (${place})`, async function () {
      this.timeout(60_000);
      const directory = tempDir();
      const [fifo, socket] = [join(directory, 'fifo'), join(directory, 'http.sock')];
      const args = ['--processes', '2', '--cheaper', '1', '--cheaper-algo', 'manual', '-L'];
      const at = place === 'unix' ? ['--http-socket', socket] : [];
      const app = ['--wsgi-file', pathsApp().path];
      const server = await startServer([...at, ...args, '--master-fifo', fifo, ...app]);
      const target = place === 'unix' ? socket : server.port;
      const workers = new Set<number>();
      const load = new KeptLoad({
        target,
        connections: 16,
        rate: 100,
        path: '/echo',
        numbered: true,
        onAnswer: (text) => workers.add(Number.parseInt(text, 10)),
      });
      await growAndShrink(server, fifo, load);
      await load.stop();
      assert.deepEqual(load.complaints(), []);
      assert.ok(workers.size >= ROUNDS, `${workers.size} workers have answered`);
      assert.equal(server.log.matching(/trying respawn/).length, 0);
    });
  }
});
