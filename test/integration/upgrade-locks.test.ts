/** Locks of the application while two masters have workers at the same memory: the dead give back what they held. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../helpers/cleanup.js';
import { get, requestText } from '../helpers/get.js';
import { upgradedPid } from '../helpers/masters.js';
import { isAlive } from '../helpers/processes.js';
import { RawSocket } from '../helpers/raw-socket.js';
import { startServer, testApp } from '../helpers/server.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const APP = ['--master', '--wsgi-file', testApp('locked.ts')];
const GIVEN_BACK =
  /a worker of the other master .* died with a lock of the application: given back/;

describe('locks of the application during an upgrade', () => {
  it('are not lost with a new master that is killed while its worker is loaded', async () => {
    const file = join(tempDir(), 'locked');
    const server = await startServer(APP, { env: { LOCKED: file } });
    writeFileSync(file, '');
    server.kill('SIGUSR2');
    const taken = (): number | false => Number(readFileSync(file, 'utf8')) || false;
    const heir = await waitUntil('the lock', taken, 30_000);
    assert.equal((await get(server.port, '/try')).text, 'taken');
    process.kill(heir, 'SIGKILL');
    await server.log.waitFor(/upgrade failed/);
    assert.equal((await get(server.port, '/')).text, 'got it');
    await server.log.waitFor(GIVEN_BACK);
  });

  it('are not lost with an old master that is killed while its worker finishes', async () => {
    const server = await startServer(APP);
    const [worker = { pid: 0 }] = server.workers();
    const client = await RawSocket.connect(server.port);
    await client.send(requestText('GET', '/hold'));
    await client.readUntil('held', 'the lock');
    onCleanup(() => {
      if (isAlive(worker.pid)) process.kill(worker.pid, 'SIGKILL');
    });
    await upgradedPid(server);
    assert.equal((await get(server.port, '/try')).text, 'taken');
    server.kill('SIGKILL');
    process.kill(worker.pid, 'SIGKILL');
    assert.equal((await get(server.port, '/')).text, 'got it');
    await server.log.waitFor(GIVEN_BACK);
  });
});
