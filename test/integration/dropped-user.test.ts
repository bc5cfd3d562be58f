/** Files of a server that was started as root and runs as somebody else: at the start, at reopening, at an upgrade. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../helpers/cleanup.js';
import { get } from '../helpers/get.js';
import { upgradedPid } from '../helpers/masters.js';
import { isAlive } from '../helpers/processes.js';
import { skipFor } from '../helpers/programs.js';
import { readAll } from '../helpers/read-all.js';
import { startServer, type Server } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const APP = `export function application(environ, startResponse) {
  startResponse('200 OK', []);
  return String(process.pid);
}
`;
const USER = 65534;
const DROPPED = ['--uid', String(USER), '--gid', String(USER)];

const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** A directory of root's with an application, and in it one of the user's. */
function places(): { readonly app: string; readonly roots: string; readonly users: string } {
  const roots = tempFiles({ 'app.mjs': APP });
  chmodSync(roots, 0o755);
  const users = join(roots, 'users');
  mkdirSync(users);
  chownSync(users, USER, USER);
  return { app: join(roots, 'app.mjs'), roots, users };
}

/** Stops a master that is not the test's own child. */
async function stop(pid: number): Promise<void> {
  if (isAlive(pid)) process.kill(pid, 'SIGTERM');
  await waitUntil(`master ${pid} to end`, () => !isAlive(pid));
}

/** The new master, when the old one is gone. */
async function upgraded(server: Server, master = server.pid): Promise<number> {
  const heir = await upgradedPid(server, master);
  await waitUntil('the old master to end', () => !isAlive(master));
  return heir;
}

describe('a server that gave up root', () => {
  before(function () {
    if (process.getuid?.() !== 0) skipFor(this, 'only root can drop privileges');
  });

  it('writes its pidfile again where it may not open it: for the letter P, after upgrades', async () => {
    const { app, roots, users } = places();
    const [pidfile, fifo] = [join(roots, 'a.pid'), join(users, 'fifo')];
    const server = await startServer([
      ...['--master', '--wsgi-file', app, ...DROPPED, '--pidfile', pidfile, '--master-fifo', fifo],
    ]);
    writeFileSync(pidfile, 'lost');
    appendFileSync(fifo, 'P');
    await waitUntil('the pid to be back', () => read(pidfile) === `${server.pid}\n`);
    const heir = await upgraded(server);
    assert.equal(read(pidfile), `${heir}\n`);
    const next = await upgraded(server, heir);
    assert.equal(read(pidfile), `${next}\n`);
    assert.equal(statSync(pidfile).uid, 0);
    process.kill(next, 'SIGTERM');
    await server.log.waitFor(/VACUUM: pidfile .*a\.pid stays: permission denied/);
  });

  it('keeps the socket of its statistics over upgrades where it may make no other', async () => {
    const { app, roots } = places();
    const [stats, other] = [join(roots, 'stats.sock'), join(roots, 'other.sock')];
    const server = await startServer([
      ...['--master', '--wsgi-file', app, ...DROPPED, '--stats', stats, '--stats', other],
    ]);
    assert.equal(statSync(stats).uid, USER);
    const heir = await upgraded(server);
    const next = await upgraded(server, heir);
    for (const path of [stats, other]) {
      const { pid } = JSON.parse(await readAll(path)) as { pid: number };
      assert.equal(pid, next);
    }
    assert.doesNotMatch(server.log.text, /EACCES|internal error/);
  });

  it('has the files of loggers as its own: they are opened anew, and by a new master', async () => {
    const { app, users } = places();
    const [log, requests] = [join(users, 'a.log'), join(users, 'r.log')];
    const server = await startServer(
      [
        ...['--master', '--wsgi-file', app, ...DROPPED, '--http-socket', '127.0.0.1:0'],
        ...['--logger', `file:${log}`, '--req-logger', `file:${requests}`],
      ],
      { waitForReady: false },
    );
    const logged = (pattern: RegExp): Promise<true> =>
      waitUntil(`${String(pattern)} in the log`, () => pattern.test(read(log)));
    await logged(/all workers are ready/);
    assert.match(read(log), /^\*\*\* Starting tsuwsgi-native/);
    assert.deepEqual([statSync(log).uid, statSync(requests).gid], [USER, USER]);
    const port = Number(/TCP address 127\.0\.0\.1:(\d+)/.exec(read(log))?.[1]);
    const files = [log, requests];
    for (const file of files) renameSync(file, `${file}.1`);
    server.kill('SIGUSR1');
    await waitUntil('the new files', () => files.every(existsSync));
    server.kill('SIGUSR1');
    await logged(/SIGUSR1 received/);
    await get(port, '/first');
    await waitUntil('the request', () => read(requests).includes('/first'));
    server.kill('SIGUSR2');
    await logged(/is ready and takes over/);
    const heir = Number(/new master \(pid: (\d+)\) is ready/.exec(read(log))?.[1]);
    onCleanup(() => stop(heir));
    await waitUntil('the old master to end', () => !isAlive(server.pid));
    await get(port, '/second');
    await waitUntil('the next request', () => read(requests).includes('/second'));
    assert.doesNotMatch(read(log) + read(`${log}.1`), /cannot|failed/);
  });

  it('says on standard error what was for loggers that it may not open', async () => {
    const { app, roots } = places();
    const args = ['--wsgi-file', app, ...DROPPED, '--logger', `file:${join(roots, 'a.log')}`];
    const server = await startServer(['--master', ...args], { waitForReady: false });
    assert.equal((await server.end()).code, 1);
    assert.match(server.log.text, /Starting tsuwsgi-native/);
    assert.match(server.log.text, /logger file:.*a\.log: EACCES: permission denied/);
  });

  for (const option of ['--daemonize', '--daemonize2', '--logto']) {
    it(`gives the file of ${option} away where it is asked to`, async () => {
      const { app, users } = places();
      const [log, pidfile] = [join(users, 'd.log'), join(users, 'd.pid')];
      await startServer(
        [
          ...[option, log, '--logfile-chown', '--pidfile2', pidfile, ...DROPPED],
          ...['--master', '--wsgi-file', app],
        ],
        { waitForReady: false },
      );
      await waitUntil('the server', () => read(log).includes('all workers are ready'));
      const master = Number(read(pidfile));
      onCleanup(() => stop(master));
      process.kill(master, 'SIGUSR1');
      await waitUntil('the log to be opened', () => read(log).includes('opening log files'));
      assert.equal(statSync(log).uid, USER);
      assert.doesNotMatch(read(log), /cannot/);
    });
  }
});
