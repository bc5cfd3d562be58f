import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { onCleanup } from '../helpers/cleanup.js';
import { get } from '../helpers/get.js';
import { isAlive, processFacts } from '../helpers/processes.js';
import { startServer } from '../helpers/server.js';
import { brokenApp, pathsApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

/** Stops the daemon that wrote the pidfile, and waits until it is gone. */
async function stopDaemon(pidfile: string): Promise<void> {
  if (!existsSync(pidfile)) return;
  const pid = Number(readFileSync(pidfile, 'utf8'));
  process.kill(pid, 'SIGTERM');
  await waitUntil('the daemon to end', () => !isAlive(pid));
}

describe('daemonize', () => {
  for (const option of ['--daemonize', '--daemonize2']) {
    it(`${option} goes on in the background, in a session of its own, with its log in a file`, async () => {
      const directory = tempDir();
      const [log, pidfile] = [join(directory, 'd.log'), join(directory, 'd.pid')];
      onCleanup(() => stopDaemon(pidfile));
      const command = await startServer(
        [
          ...[option, log, '--pidfile', pidfile, '--pidfile2', `${pidfile}2`, '-M'],
          ...['--http-socket', '127.0.0.1:0', '--wsgi-file', pathsApp().path],
        ],
        { waitForReady: false },
      );
      assert.deepEqual(await command.end(), { code: 0, signal: null });
      assert.equal(command.log.text, '');
      const text = readFileSync(log, 'utf8');
      const port = Number(/bound to TCP address 127\.0\.0\.1:(\d+)/.exec(text)?.[1]);
      if (option === '--daemonize2') assert.match(text, /worker 1 .* is ready/);
      assert.equal((await get(port, '/pid')).status, 200);
      const pid = Number(readFileSync(pidfile, 'utf8'));
      assert.notEqual(pid, command.pid);
      assert.equal(Number(readFileSync(`${pidfile}2`, 'utf8')), pid);
      assert.notEqual(processFacts(pid)?.parent, process.pid);
      await stopDaemon(pidfile);
      assert.match(readFileSync(log, 'utf8'), /goodbye/);
      assert.equal(existsSync(pidfile), false);
    });
  }

  it('fails where the server cannot start', async () => {
    const taken = createServer();
    onCleanup(() => new Promise<void>((resolve) => taken.close(() => resolve())));
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    assert.ok(address !== null && typeof address === 'object');
    const log = join(tempDir(), 'd.log');
    const socket = ['--http-socket', `127.0.0.1:${address.port}`];
    const command = await startServer(
      ['--daemonize', log, ...socket, '--wsgi-file', pathsApp().path],
      { waitForReady: false },
    );
    assert.equal((await command.end()).code, 1);
    assert.match(command.log.text, /the server did not start; .*d\.log says why/);
    assert.match(readFileSync(log, 'utf8'), /the address is in use/);
    const broken = await startServer(
      ['--daemonize2', log, '--http-socket', '127.0.0.1:0', '--wsgi-file', brokenApp('!').path],
      { waitForReady: false },
    );
    assert.equal((await broken.end()).code, 22);
  });
});
