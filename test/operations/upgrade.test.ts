import assert from 'node:assert/strict';
import { KeptLoad } from '../helpers/kept-load.js';
import { upgradedPid } from '../helpers/masters.js';
import { isAlive } from '../helpers/processes.js';
import { startServer } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { waitUntil } from '../helpers/wait-until.js';

const UPGRADES = 5;

describe('binary upgrades under load that is kept', () => {
  it(`${UPGRADES} times: no error, no closed connection`, async function () {
    this.timeout(120_000);
    const server = await startServer(['--processes', '2', '--wsgi-file', pathsApp().path]);
    const load = new KeptLoad({ target: server.port, connections: 32, rate: 100, path: '/pid' });
    await load.answered(100);
    let master = server.pid;
    for (let count = 0; count < UPGRADES; count += 1) {
      const old = master;
      master = await upgradedPid(server, old);
      await waitUntil(`master ${old} to end`, () => !isAlive(old), 30_000);
    }
    await load.answered(50);
    await load.stop();
    assert.deepEqual(load.complaints(), []);
  });
});
