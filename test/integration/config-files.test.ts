import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestOnce } from '../helpers/raw-socket.js';
import { startServer } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';

const APP = `export function application(environ, startResponse) {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [String(process.umask()) + ' ' + process.env.GREETING];
}
`;
const GET = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n';

/** A directory with an application and a configuration that others may read. */
function project(lines: readonly string[]): string {
  const directory = tempFiles({ 'app.mjs': APP, 'app.ini': ['[uwsgi]', ...lines].join('\n') });
  chmodSync(directory, 0o755);
  return directory;
}

function commandLine(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
}

/** Real, effective, saved and file system id. */
function ids(pid: number, kind: 'Uid' | 'Gid'): string[] {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return new RegExp(`^${kind}:\\s+(.*)$`, 'm').exec(status)?.[1]?.split(/\s+/) ?? [];
}

describe('a server from an ini file', () => {
  it('does what the file says, with pidfiles and names for its processes', async () => {
    const directory = project([
      ...[
        'master = true',
        'wsgi-file = %(name).mjs',
        'name = app',
        'env = GREETING=hello',
        'umask = 027',
      ],
      ...[
        'pidfile = %n.pid',
        'safe-pidfile = %n.safe.pid',
        'auto-procname =',
        'enable-threads = true',
      ],
    ]);
    const server = await startServer(['app.ini'], { cwd: directory });
    assert.equal((await requestOnce(server.port, GET)).text, '23 hello');
    assert.equal(commandLine(server.pid), 'tsuwsgi master');
    assert.deepEqual(
      server.workers().map(({ pid }) => commandLine(pid)),
      ['tsuwsgi worker 1'],
    );
    const files = ['app.pid', 'app.safe.pid'].map((name) => join(directory, name));
    for (const file of files) assert.equal(readFileSync(file, 'utf8'), `${server.pid}\n`);
    assert.match(server.log.text, /app\.ini:10: enable-threads has no effect: /);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    assert.deepEqual(files.map(existsSync), [false, false]);
  });

  it('serves without a master too', async () => {
    const directory = project([
      'wsgi-file = app.mjs',
      'env = GREETING=alone',
      'pidfile = a.pid',
      'procname = solo',
    ]);
    const server = await startServer(['app.ini'], { cwd: directory });
    assert.match((await requestOnce(server.port, GET)).text, / alone$/);
    assert.equal(commandLine(server.pid), 'solo');
    assert.equal(readFileSync(join(directory, 'a.pid'), 'utf8'), `${server.pid}\n`);
    await server.stop();
    assert.equal(existsSync(join(directory, 'a.pid')), false);
  });

  it('leaves the pidfile of a running server alone when its address is in use', async () => {
    const directory = project(['wsgi-file = app.mjs', 'pidfile = a.pid']);
    const first = await startServer(['app.ini'], { cwd: directory });
    const argv = ['--http-socket', `127.0.0.1:${first.port}`, 'app.ini'];
    const second = await startServer(argv, { cwd: directory, waitForReady: false });
    assert.equal((await second.end()).code, 1);
    assert.equal(readFileSync(join(directory, 'a.pid'), 'utf8'), `${first.pid}\n`);
  });

  for (const mode of [['--master'], []]) {
    it(`gives up root once its sockets are bound (${mode.join() || 'no master'})`, async function () {
      if (process.getuid?.() !== 0) this.skip();
      const directory = project(['wsgi-file = app.mjs', 'uid = nobody', 'gid = 65534']);
      const server = await startServer([...mode, 'app.ini'], { cwd: directory });
      const pids = [server.pid, ...server.workers().map(({ pid }) => pid)];
      assert.equal(pids.length, mode.length + 1);
      for (const pid of pids) {
        assert.deepEqual(new Set(ids(pid, 'Uid')), new Set(['65534']));
        assert.deepEqual(new Set(ids(pid, 'Gid')), new Set(['65534']));
      }
      assert.equal((await requestOnce(server.port, GET)).status, 200);
      assert.equal((await server.stop()).code, 0);
    });
  }

  for (const [line, why] of [
    ['pidfile = gone/pid', /pidfile = \S*gone\/pid: there is no such directory$/],
    ['logto2 = gone/log', /logto2 = \S*gone\/log: there is no such directory$/],
    ['master-fifo = gone/fifo', /master-fifo = \S*gone\/fifo: there is no such directory$/],
    ['chdir2 = gone', /chdir2 = gone: there is no such directory$/],
    ['add-gid = no-such-group', /add-gid = no-such-group: this system has no group/],
  ] as const) {
    it(`names the line of what is not there: ${line}`, async function () {
      if (line.startsWith('add-gid') && process.getuid?.() !== 0) this.skip();
      const directory = project(['wsgi-file = app.mjs', line]);
      const server = await startServer(['app.ini'], { cwd: directory, waitForReady: false });
      assert.deepEqual(await server.end(), { code: 1, signal: null });
      const [said = ''] = server.log.matching(/^tsuwsgi-native: app\.ini:3: /);
      assert.match(said, why);
      assert.doesNotMatch(server.log.text, /internal error/);
    });
  }

  for (const [line, make] of [
    ['master-fifo = kept', (path: string) => execFileSync('mkfifo', ['-m', '600', path])],
    ['spool-dir = kept', (path: string) => mkdirSync(path, { mode: 0o700 })],
  ] as const) {
    it(`names the line of what only root may use, where root is given up: ${line}`, async function () {
      if (process.getuid?.() !== 0) this.skip();
      const directory = project(['master = true', 'wsgi-file = app.mjs', 'uid = nobody', line]);
      make(join(directory, 'kept'));
      const server = await startServer(['app.ini'], { cwd: directory, waitForReady: false });
      assert.deepEqual(await server.end(), { code: 1, signal: null });
      const [said = ''] = server.log.matching(/^tsuwsgi-native: app\.ini:5: /);
      assert.match(said, /= \S*kept: permission denied$/);
    });
  }

  it('names the line of the fifo that cannot be made, of several', async () => {
    const directory = project(['master = true', 'wsgi-file = app.mjs', 'master-fifo = first']);
    appendFileSync(join(directory, 'app.ini'), '\nmaster-fifo = app.mjs');
    const server = await startServer(['app.ini'], { cwd: directory, waitForReady: false });
    assert.equal((await server.end()).code, 1);
    const [said = ''] = server.log.matching(/there is a file that is no pipe/);
    assert.match(said, /app\.ini:5: master-fifo = app\.mjs: /);
  });

  it('says with a master, too, that chdir2 leads nowhere', async () => {
    const directory = project(['wsgi-file = app.mjs', 'chdir2 = gone', 'master = true']);
    const server = await startServer(['app.ini'], { cwd: directory, waitForReady: false });
    assert.equal((await server.end()).code, 1);
    const [said = ''] = server.log.matching(/cannot load the application/);
    assert.match(said, /--chdir2 gone: there is no such directory$/);
    assert.doesNotMatch(server.log.text, /^ +at /m);
  });
});
