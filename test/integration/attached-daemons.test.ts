import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../helpers/processes.js';
import { startServer } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

describe('attach-daemon', () => {
  it('runs beside the workers, comes back when it ends, and goes with the server', async () => {
    const pids = join(tempDir(), 'pids');
    const server = await startServer([
      ...['--attach-daemon', `sh -c 'echo $$ >> ${pids}; exec sleep 1000'`],
      ...['--wsgi-file', pathsApp().path],
    ]);
    const started = (): number[] =>
      readFileSync(pids, { encoding: 'utf8', flag: 'a+' }).split('\n').filter(Boolean).map(Number);
    const [first = 0] = await waitUntil('the daemon', () => started().length === 1 && started());
    process.kill(first, 'SIGKILL');
    await server.log.waitFor(/ended \(SIGKILL\), starting it again/);
    const [, second = 0] = await waitUntil(
      'its successor',
      () => started().length === 2 && started(),
    );
    assert.ok(isAlive(second));
    assert.equal((await server.stop()).code, 0);
    assert.ok(!isAlive(second));
  });

  it('is waited for, also when the server is told twice to stop', async () => {
    const pids = join(tempDir(), 'pids');
    const daemon = `sh -c 'trap "sleep 1; exit" TERM; echo $$ >> ${pids}; while :; do sleep 0.1; done'`;
    const server = await startServer([
      ...['--attach-daemon', daemon],
      ...['--wsgi-file', pathsApp().path],
    ]);
    const pid = await waitUntil('the daemon', () =>
      Number(readFileSync(pids, { encoding: 'utf8', flag: 'a+' })),
    );
    server.kill('SIGTERM');
    await server.log.waitFor(/goodbye/);
    server.kill('SIGTERM');
    assert.deepEqual(await server.end(), { code: 0, signal: null });
    assert.ok(!isAlive(pid));
  });
});
