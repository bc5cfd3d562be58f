import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../helpers/cleanup.js';
import { isAlive } from '../helpers/processes.js';
import { upgradedPid } from '../helpers/masters.js';
import { requireProgram } from '../helpers/programs.js';
import { ServerLog } from '../helpers/server-log.js';
import { startServer } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { tempDir, tempFiles } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';
import { startRouter } from './router-server.js';

const LISTENER = `
import socket, sys
name = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('\\0' + name[1:] if name.startswith('@') else name)
print('bound', flush=True)
while True: print(repr(s.recv(4096).decode()), flush=True)
`;

/** A service manager's end: what arrives is lines of its log. */
async function manager(python: string, name: string): Promise<ServerLog> {
  const child = spawn(python, ['-c', LISTENER, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  onCleanup(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const log = new ServerLog();
  log.follow(child.stdout);
  await log.waitFor(/^bound$/);
  return log;
}

describe('a service manager with Type=notify', () => {
  let python = '';

  before(function () {
    python = requireProgram(this, 'python3');
  });

  for (const kind of ['file', 'abstract'] as const) {
    it(`is told of start, reload, signs of life and stop (${kind} socket)`, async () => {
      const path = join(tempDir(), 'notify');
      const name = kind === 'file' ? path : `@${path}`;
      const heard = await manager(python, name);
      const server = await startServer(['--master', '--wsgi-file', pathsApp().path], {
        env: { NOTIFY_SOCKET: name, WATCHDOG_USEC: '200000' },
      });
      await heard.waitFor(/READY=1\\nSTATUS=1 of 1 worker/);
      await heard.waitFor(/WATCHDOG=1/);
      const from = heard.lines.length;
      server.kill('SIGHUP');
      await heard.waitFor(
        /RELOADING=1\\nMONOTONIC_USEC=\d+\\nSTATUS=reloading, 1 of 1/,
        10_000,
        from,
      );
      await heard.waitFor(/READY=1/, 10_000, from);
      server.kill('SIGTERM');
      await heard.waitFor(/STOPPING=1/);
      assert.equal((await server.end()).code, 0);
    });
  }

  it('is told of the new master by the old one at an upgrade', async () => {
    const path = join(tempDir(), 'notify');
    const heard = await manager(python, path);
    const server = await startServer(['--master', '--wsgi-file', pathsApp().path], {
      env: { NOTIFY_SOCKET: path, WATCHDOG_USEC: undefined },
    });
    await heard.waitFor(/READY=1/);
    const from = heard.lines.length;
    const heir = await upgradedPid(server);
    await heard.waitFor(new RegExp(`MAINPID=${heir}`), 10_000, from);
    await heard.waitFor(/READY=1/, 10_000, from);
    await waitUntil('the old master to end', () => !isAlive(server.pid));
  });

  it('knows how many workers there are now, and that a reload failed', async () => {
    const path = join(tempDir(), 'notify');
    const heard = await manager(python, path);
    const app = pathsApp();
    const ini = join(tempFiles({ 'server.ini': '[uwsgi]\n' }), 'server.ini');
    const server = await startServer(['--master', '--ini', ini, '--wsgi-file', app.path], {
      env: { NOTIFY_SOCKET: path },
    });
    await heard.waitFor(/STATUS=1 of 1 worker/);
    writeFileSync(app.path, 'throw new Error("a bad deploy");');
    const from = heard.lines.length;
    server.kill('SIGHUP');
    await heard.waitFor(
      /READY=1\\nSTATUS=1 of 1 .*the last reload failed: .*a bad deploy/,
      20_000,
      from,
    );
    writeFileSync(ini, '[uwsgi]\nworker-reload-mercy = soon\n');
    server.kill('SIGHUP');
    await heard.waitFor(/STATUS=1 of 1 .*the last reload failed: .*soon/, 20_000, from);
    const [worker] = server.workers();
    assert.ok(worker);
    process.kill(worker.pid, 'SIGKILL');
    await heard.waitFor(/^'STATUS=0 of 1 worker/, 20_000, from);
  });

  it('is not told of wrong options any more when they are right, also by routers alone', async () => {
    const path = join(tempDir(), 'notify');
    const heard = await manager(python, path);
    const ini = join(tempFiles({ 'server.ini': '[uwsgi]\n' }), 'server.ini');
    const server = await startRouter(['--master', '--ini', ini, '--http-to', '127.0.0.1:1'], {
      env: { NOTIFY_SOCKET: path },
    });
    await heard.waitFor(/STATUS=1 of 1 worker/);
    writeFileSync(ini, '[uwsgi]\nhttp-timeout = soon\n');
    server.kill('SIGHUP');
    await heard.waitFor(/STATUS=.*the last reload failed: .*soon/, 20_000);
    const from = heard.lines.length;
    writeFileSync(ini, '[uwsgi]\nhttp-timeout = 5\n');
    server.kill('SIGHUP');
    await heard.waitFor(/STATUS=1 of 1 worker\(s\) ready\\n/, 20_000, from);
  });

  it('hears nothing any more where no worker answers', async () => {
    const path = join(tempDir(), 'notify');
    const heard = await manager(python, path);
    const server = await startServer(['--master', '--wsgi-file', pathsApp().path], {
      env: { NOTIFY_SOCKET: path, WATCHDOG_USEC: '200000' },
    });
    await heard.waitFor(/WATCHDOG=1/);
    const [worker] = server.workers();
    assert.ok(worker);
    process.kill(worker.pid, 'SIGSTOP');
    const signs = (): number => heard.matching(/WATCHDOG=1/).length;
    let last = { count: signs(), at: performance.now() };
    await waitUntil('ten periods of silence', () => {
      const now = performance.now();
      if (signs() !== last.count) last = { count: signs(), at: now };
      return now - last.at > 1000;
    });
    process.kill(worker.pid, 'SIGCONT');
    const from = heard.lines.length;
    await heard.waitFor(/WATCHDOG=1/, 10_000, from);
  });
});
