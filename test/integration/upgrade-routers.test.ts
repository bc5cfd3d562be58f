/** Clients of the routers during an upgrade: those of the new master come when it has workers. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { get } from '../helpers/get.js';
import { upgradedPid } from '../helpers/masters.js';
import { isAlive } from '../helpers/processes.js';
import type { Server } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';
import { routerPort, startRouter } from './router-server.js';

const CLIENTS = 100;
const OLD = `export const application = (environ, startResponse) => {
  startResponse('200 OK', []);
  return 'old';
};
`;
/** Tells that it is loaded, and goes on when it may. */
const SLOW = `import { existsSync, writeFileSync } from 'node:fs';
const at = (name) => new URL(name, import.meta.url);
writeFileSync(at('loading'), '');
await new Promise((resolve) => {
  const look = () => existsSync(at('allowed')) ? resolve() : setTimeout(look, 5);
  look();
});
${OLD.replace('old', 'new')}`;

describe('routers in an upgrade', () => {
  let directory: string;
  let server: Server;
  const file = (name: string): string => join(directory, name);

  /** With a connection for each. */
  const answers = async (): Promise<Set<string>> => {
    const texts = new Set<string>();
    for (let client = 0; client < CLIENTS; client += 1)
      texts.add((await get(routerPort(server), '/')).text);
    return texts;
  };
  const loading = (): Promise<unknown> =>
    waitUntil('the new version', () => existsSync(file('loading')), 30_000);

  beforeEach(async () => {
    directory = tempFiles({ 'app.mjs': OLD });
    server = await startRouter(['--wsgi-file', file('app.mjs')]);
    writeFileSync(file('app.mjs'), SLOW);
  });

  it('take no clients while the new version is loaded', async () => {
    const upgraded = upgradedPid(server);
    await loading();
    assert.deepEqual([...(await answers())], ['old']);
    writeFileSync(file('allowed'), '');
    await upgraded;
    await waitUntil('the old master to end', () => !isAlive(server.pid));
    assert.deepEqual([...(await answers())], ['new']);
  });

  it('do not start where the new master is told to stop before', async () => {
    const from = server.log.lines.length;
    server.kill('SIGUSR2');
    await loading();
    const found = await server.log.waitFor(
      /spawned tsuwsgi-native master process \(pid: (\d+)\)/,
      5000,
      from,
    );
    process.kill(Number(found[1]), 'SIGTERM');
    await server.log.waitFor(/upgrade failed/);
    assert.deepEqual([...(await answers())], ['old']);
  });
});
