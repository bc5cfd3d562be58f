import assert from 'node:assert/strict';
import { get } from '../helpers/get.js';
import { KeptLoad } from '../helpers/kept-load.js';
import { startServer, type Server } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { waitUntil } from '../helpers/wait-until.js';

const STATS = ['--stats', '127.0.0.1:0', '--stats-http', '-L'];

async function start(delay: string): Promise<{ readonly server: Server; readonly stats: number }> {
  const app = ['--processes', '2', '--wsgi-file', pathsApp().path];
  const server = await startServer([...STATS, ...app, '--stop-delay', delay]);
  const stats = Number(/Stats server enabled on [^ ]*:(\d+) /.exec(server.log.text)?.[1]);
  return { server, stats };
}

const status = async (port: number, path: string): Promise<number> =>
  (await get(port, path)).status;

describe('--stop-delay', () => {
  it('turns /ready false at once and serves on, old clients and new ones, until it is over', async () => {
    const { server, stats } = await start('3');
    assert.equal(await status(stats, '/ready'), 200);
    const load = new KeptLoad({ target: server.port, connections: 8, rate: 50, path: '/pid' });
    await load.answered(20);
    server.kill('SIGTERM');
    await server.log.waitFor(
      /SIGTERM received: not ready for new clients any more, stopping in .*--stop-delay/,
    );
    await waitUntil('/ready to be false', async () => (await status(stats, '/ready')) === 503);
    assert.equal(await status(stats, '/live'), 200);
    assert.equal(await status(server.port, '/pid'), 200);
    await load.answered(50);
    assert.equal(server.log.matching(/stopping gracefully/).length, 0);
    await load.stop();
    assert.deepEqual(load.complaints(), []);
    assert.deepEqual(await server.end(), { code: 0, signal: null });
    assert.match(server.log.text, /stopping gracefully/);
  });

  it('is ended by a second SIGTERM', async () => {
    const { server } = await start('600');
    server.kill('SIGTERM');
    await server.log.waitFor(
      /SIGTERM received: not ready for new clients any more, stopping in .*--stop-delay/,
    );
    server.kill('SIGTERM');
    assert.deepEqual(await server.end(), { code: 0, signal: null });
  });
});
