/** Files that the log goes to: opened anew, rotated by the server and by logrotate. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { get } from '../helpers/get.js';
import { requireProgram } from '../helpers/programs.js';
import { startServer } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';
import { inFile, read } from '../helpers/written-file.js';

function portIn(text: string): number {
  return Number(/bound to TCP address 127\.0\.0\.1:(\d+)/.exec(text)?.[1]);
}

/** Logs go to a file, so readiness is looked for there. */
async function startInto(file: string, args: readonly string[]) {
  const server = await startServer(
    ['--wsgi-file', pathsApp().path, '--http-socket', '127.0.0.1:0', ...args],
    { waitForReady: false },
  );
  const text = await inFile(file, /all workers are ready/);
  return { server, port: portIn(server.log.text + text) };
}

describe('logto', () => {
  for (const option of ['--logto', '--logto2']) {
    it(`${option} takes everything, and is opened anew when it was renamed`, async () => {
      const directory = tempDir();
      const [file, touch] = [join(directory, 'a.log'), join(directory, 'touch')];
      writeFileSync(touch, '');
      utimesSync(touch, 1, 1);
      const args = ['-M', option, file, '--logfile-chmod', '600', '--touch-logreopen', touch];
      const { server, port } = await startInto(file, args);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      await get(port, '/pid?first');
      await inFile(file, /GET \/pid\?first/);
      renameSync(file, `${file}.1`);
      writeFileSync(touch, '');
      await inFile(`${file}.1`, /touched \*\*\*: opening log files anew/);
      await waitUntil('the new file', () => existsSync(file));
      await waitUntil('a line of the worker in the new file', async () => {
        await get(port, '/pid?second');
        return /GET \/pid\?second/.test(read(file));
      });
      await server.stop();
      assert.match(read(file), /goodbye/);
      assert.equal(server.log.matching(/are ready|GET/).length, 0, server.log.text);
    });
  }

  it('begins a new file at log-maxsize', async () => {
    const directory = tempDir();
    const [file, backup] = [join(directory, 'a.log'), join(directory, 'old.log')];
    await startServer(
      [
        ...['-M', '--logto', file, '--log-maxsize', '300', '--log-backupname', backup],
        ...['--http-socket', '127.0.0.1:0', '--wsgi-file', pathsApp().path],
      ],
      { waitForReady: false },
    );
    const all = (): string => read(backup) + read(file);
    await waitUntil('both files', () => existsSync(backup) && /are ready/.test(all()), 30_000);
    const port = portIn(all());
    await waitUntil('a line in the new file', async () => {
      await get(port, '/pid');
      return read(file).includes('GET /pid');
    });
  });
});

describe('the file of a logger', () => {
  it('begins anew at its own maxsize', async () => {
    const [file, backup] = [join(tempDir(), 'a.log'), join(tempDir(), 'old.log')];
    const logger = `file:logfile=${file},maxsize=200,backupname=${backup}`;
    await startServer(['--logger', logger, '--logger', 'stdio', '--wsgi-file', pathsApp().path]);
    await waitUntil('the renamed file', () => existsSync(backup) && existsSync(file), 30_000);
    assert.match(read(backup), /Starting tsuwsgi-native/);
  });

  for (const option of ['--logger', '--logto'])
    it(`${option} goes on, with an error record, where it cannot be renamed`, async () => {
      const directory = tempDir();
      const [file, touched] = [join(directory, 'a.log'), join(directory, 'touched')];
      writeFileSync(touched, '');
      await startServer(
        [
          ...['-M', option, option === '--logger' ? `file:${file}` : file, '--log-maxsize', '200'],
          ...['--log-backupname', join(directory, 'absent', 'a.log'), '--touch-logrotate', touched],
          ...['--http-socket', '127.0.0.1:0', '--wsgi-file', pathsApp().path],
        ],
        { waitForReady: false },
      );
      await inFile(file, /log file .*a\.log cannot be renamed: ENOENT: no such file or directory/);
      utimesSync(touched, 1, 1);
      const text = await inFile(file, /touched has been touched.*\n.*cannot be renamed: ENOENT/);
      assert.equal(text.match(/cannot be renamed/g)?.length, 2);
    });

  it('goes on, with an error record, where it cannot be opened anew', async () => {
    const directory = tempDir();
    const file = join(directory, 'a.log');
    const args = ['--log-format', 'json', '--logger', `file:${file}`, '--logger', 'stdio'];
    const server = await startServer([...args, '--wsgi-file', pathsApp().path]);
    renameSync(file, `${file}.1`);
    mkdirSync(file);
    server.kill('SIGUSR1');
    await inFile(`${file}.1`, /"level":"error".*cannot be opened anew: EISDIR/);
  });
});

describe('logrotate', () => {
  for (const [mode, master] of [
    ['create 0640', ['-M']],
    ['copytruncate', ['-M']],
    ['create 0640', []],
  ] as const) {
    const whose = master.length > 0 ? 'a master' : 'a lone worker';
    it(`rotates the log of ${whose} with ${mode.split(' ')[0] ?? ''}, and no line is lost`, async function () {
      const program = requireProgram(this, 'logrotate');
      const directory = tempDir();
      const at = (name: string): string => join(directory, name);
      const { server, port } = await startInto(at('a.log'), [...master, '--logto', at('a.log')]);
      const order = `postrotate\n kill -USR1 ${server.pid}\nendscript`;
      const how = mode === 'copytruncate' ? mode : `${mode}\n${order}`;
      writeFileSync(at('rules'), `${at('a.log')} {\nrotate 3\n${how}\n}\n`, { mode: 0o600 });
      await get(port, '/pid?first');
      await inFile(at('a.log'), /\/pid\?first/);
      const args = ['--force', '--state', at('state'), at('rules')];
      const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assert.match(read(at('a.log.1')), /\/pid\?first/);
      await waitUntil('a line of the worker in the new file', async () => {
        await get(port, '/pid?second');
        return read(at('a.log')).includes('/pid?second');
      });
      // Appending to a file that was emptied leaves no hole in it.
      assert.ok(!read(at('a.log')).includes('\0'));
      assert.doesNotMatch(read(at('a.log')), /\/pid\?first/);
      await server.stop();
      assert.doesNotMatch(read(at('a.log')), /Debugger listening/);
    });
  }
});
