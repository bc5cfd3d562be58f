import assert from 'node:assert/strict';
import { get } from '../helpers/get.js';
import { KeptLoad } from '../helpers/kept-load.js';
import { startServer, type Server } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { waitUntil } from '../helpers/wait-until.js';

const STATS = ['--stats', '127.0.0.1:0', '--stats-http', '-L'];

const ANNOUNCED =
  /SIGTERM received: not ready for new clients any more, stopping in .*--stop-delay/;

function start(delay: string): Promise<Server> {
  const app = ['--processes', '2', '--wsgi-file', pathsApp().path];
  return startServer([...STATS, ...app, '--stop-delay', delay]);
}

const status = async (port: number, path: string): Promise<number> =>
  (await get(port, path)).status;

describe('--stop-delay', () => {
  it('turns /ready false at once and serves on, old clients and new ones, until a second SIGTERM', async () => {
    const server = await start('600');
    assert.equal(await status(server.statsPort, '/ready'), 200);
    const load = new KeptLoad({ target: server.port, connections: 8, rate: 50, path: '/pid' });
    await load.answered(20);
    server.kill('SIGTERM');
    await server.log.waitFor(ANNOUNCED);
    const ready = async (): Promise<number> => status(server.statsPort, '/ready');
    await waitUntil('/ready to be false', async () => (await ready()) === 503);
    assert.equal(await status(server.statsPort, '/live'), 200);
    assert.equal(await status(server.port, '/pid'), 200);
    await load.answered(50);
    assert.equal(server.log.matching(/stopping gracefully/).length, 0);
    await load.stop();
    assert.deepEqual(load.complaints(), []);
    server.kill('SIGTERM');
    assert.deepEqual(await server.end(), { code: 0, signal: null });
    assert.match(server.log.text, /stopping gracefully/);
  });

  it('is over after its seconds', async () => {
    const server = await start('1');
    server.kill('SIGTERM');
    await server.log.waitFor(ANNOUNCED);
    assert.deepEqual(await server.end(), { code: 0, signal: null });
    assert.match(server.log.text, /stopping gracefully/);
  });
});
