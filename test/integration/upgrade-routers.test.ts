/** Clients of the routers during an upgrade: those of the new master come when it has workers. */
import assert from 'node:assert/strict';
import { get } from '../helpers/get.js';
import { upgradedPid } from '../helpers/masters.js';
import { isAlive } from '../helpers/processes.js';
import type { Server } from '../helpers/server.js';
import { SlowVersion } from '../helpers/slow-version.js';
import { waitUntil } from '../helpers/wait-until.js';
import { routerPort, startRouter } from './router-server.js';

const CLIENTS = 100;
const ROUTER = /spawned tsuwsgi-native router/;

describe('routers in an upgrade', () => {
  let version: SlowVersion;
  let server: Server;

  /** With a connection for each. */
  const answers = async (): Promise<Set<string>> => {
    const texts = new Set<string>();
    for (let client = 0; client < CLIENTS; client += 1)
      texts.add((await get(routerPort(server), '/')).text);
    return texts;
  };
  beforeEach(async () => {
    version = new SlowVersion();
    server = await startRouter(['--wsgi-file', version.path]);
    version.deploy();
  });

  it('take no clients while the new version is loaded', async () => {
    const upgraded = upgradedPid(server);
    await version.loading();
    assert.deepEqual([...(await answers())], ['old']);
    version.allow();
    await upgraded;
    await waitUntil('the old master to end', () => !isAlive(server.pid));
    assert.deepEqual([...(await answers())], ['new']);
  });

  it('do not start where the new master is told to stop before', async () => {
    const from = server.log.lines.length;
    server.kill('SIGUSR2');
    await version.loading();
    const found = await server.log.waitFor(
      /spawned tsuwsgi-native master process \(pid: (\d+)\)/,
      5000,
      from,
    );
    process.kill(Number(found[1]), 'SIGTERM');
    await server.log.waitFor(/upgrade failed/);
    assert.deepEqual([...(await answers())], ['old']);
    const routers = server.log.lines.slice(from).filter((line) => ROUTER.test(line));
    assert.deepEqual(routers, []);
  });
});
