import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { childrenOf } from '../helpers/processes.js';
import { requireProgram, skipFor } from '../helpers/programs.js';
import { requestOnce } from '../helpers/raw-socket.js';
import { startServer } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { waitUntil } from '../helpers/wait-until.js';

const GET = 'GET /pid HTTP/1.1\r\nHost: test\r\n\r\n';

/** The server becomes process 1 of a namespace of its own and sees only its own processes. */
const NAMESPACE = ['--pid', '--fork', '--mount-proc', '--kill-child'];

describe('as process 1 of a container', () => {
  let unshare = '';

  before(function () {
    unshare = requireProgram(this, 'unshare');
    const { status } = spawnSync(unshare, [...NAMESPACE, 'true']);
    if (status !== 0) skipFor(this, 'namespaces may not be made here');
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`answers, replaces a killed worker and stops on ${signal} with exit code 0`, async () => {
      const server = await startServer(['--processes', '2', '--wsgi-file', pathsApp().path], {
        wrapper: [unshare, ...NAMESPACE],
      });
      assert.match(server.log.text, /spawned tsuwsgi-native master process \(pid: 1\)/);
      const [master] = childrenOf(server.pid);
      assert.ok(master);
      const [victim] = childrenOf(master.pid);
      assert.ok(victim);
      const from = server.log.lines.length;
      process.kill(victim.pid, 'SIGKILL');
      await server.log.waitFor(/worker \d \(pid: \d+\) is ready/, 10_000, from);
      assert.equal((await requestOnce(server.port, GET)).status, 200);
      assert.ok(!childrenOf(master.pid).some(({ state }) => state === 'Z'));
      process.kill(master.pid, signal);
      assert.deepEqual(await server.end(), { code: 0, signal: null });
    });
  }

  it('reaps processes that the application left behind', async () => {
    const app = pathsApp();
    const server = await startServer(['--master', '--wsgi-file', app.path], {
      wrapper: [unshare, ...NAMESPACE],
    });
    const [master] = childrenOf(server.pid);
    assert.ok(master);
    const orphans = (): number => childrenOf(master.pid).length - 1;
    await requestOnce(server.port, GET.replace('/pid', '/orphan'));
    await waitUntil('the orphan to be inherited', () => orphans() === 1);
    app.signal('told');
    await waitUntil('the orphan to be reaped', () => orphans() === 0);
    process.kill(master.pid, 'SIGTERM');
    await server.end();
  });
});
