import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onCleanup } from '../helpers/cleanup.js';
import { get } from '../helpers/get.js';
import { requireProgram } from '../helpers/programs.js';
import { startServer, type Server } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil, within } from '../helpers/wait-until.js';

const COMMAND = fileURLToPath(new URL('../../bin/tsuwsgi-native.js', import.meta.url));

const statsAddress = (server: Server): string => `127.0.0.1:${server.statsPort}`;

function run(program: string, args: readonly string[]) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const output = { text: '', errors: '' };
  child.stdout.on('data', (bytes: Buffer) => (output.text += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (output.errors += bytes.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  onCleanup(() => void child.kill('SIGKILL'));
  return { child, output, ended };
}

async function top(args: readonly string[]) {
  const { output, ended } = run(process.execPath, [COMMAND, 'top', ...args]);
  const code = await within(ended, 'top to end', 20_000);
  return { code, ...output };
}

describe('top', () => {
  it('prints what a server does once, over TCP, UNIX and HTTP', async () => {
    const path = join(tempDir(), 'stats.sock');
    const name = `@tsuwsgi-test-top-${process.pid}`;
    const stats = ['127.0.0.1:0', path, name].flatMap((place) => ['--stats', place]);
    const args = [...stats, '--stats-http', '--processes', '2'];
    const server = await startServer([...args, '--wsgi-file', pathsApp().path]);
    for (let i = 0; i < 3; i += 1) await get(server.port, '/pid');
    const address = statsAddress(server);
    for (const from of [address, path, name, `http://${address}`]) {
      const { code, text } = await top([from, '--once', '--interval', '0.2']);
      assert.equal(code, 0);
      assert.match(text, /: running, up /);
      assert.match(text, /^workers 2 of 2 ready, /m);
      for (const { pid } of server.workers()) assert.match(text, new RegExp(` ${pid} +idle `));
      assert.match(text, /^\d\d:\d\d:\d\d worker \d \(pid: \d+\) is ready after /m);
      assert.doesNotMatch(text, /\u001B/);
    }
  });

  it('reads plain JSON as well', async () => {
    const server = await startServer(['--stats', '127.0.0.1:0', '--wsgi-file', pathsApp().path]);
    const { code, text } = await top([statsAddress(server), '--once', '--interval=0.2']);
    assert.equal(code, 0);
    assert.match(text, /workers 1 of 1 ready/);
  });

  it('says what is wrong with an address, an option, or a server', async () => {
    const unnamed = await top([`@tsuwsgi-test-none-${process.pid}`, '--once']);
    assert.equal(unnamed.code, 1);
    assert.match(unnamed.errors, /top @\S+: connect ECONNREFUSED/);
    const gone = await top([join(tempDir(), 'none.sock'), '--once']);
    assert.deepEqual([gone.code, gone.text], [1, '']);
    assert.match(gone.errors, /^tsuwsgi-native: top .*ENOENT/);
    const unknown = await top(['--twice', '127.0.0.1:1']);
    assert.equal(unknown.code, 1);
    assert.match(unknown.errors, /--twice\?\n.*usage: /);
  });

  it('refreshes a terminal, sorts, and gives it back as it was', async function () {
    const script = requireProgram(this, 'script');
    const server = await startServer([
      ...['--stats', '127.0.0.1:0', '--stats-http', '--processes', '2'],
      ...['--wsgi-file', pathsApp().path],
    ]);
    const words = [process.execPath, COMMAND, 'top', statsAddress(server), '--interval', '0.1'];
    const terminal = run(script, [
      '-qefc',
      `stty cols 200 rows 40; ${words.join(' ')}`,
      '/dev/null',
    ]);
    const frames = (): number => terminal.output.text.split('\u001B[H').length - 1;
    await waitUntil('two frames', () => frames() >= 2);
    terminal.child.stdin.write('m');
    await waitUntil('another order', () => terminal.output.text.includes('sorted by memory'));
    terminal.child.stdin.write('q');
    assert.equal(await within(terminal.ended, 'top to end', 10_000), 0);
    assert.ok(terminal.output.text.includes('\u001B[?1049h\u001B[?25l'));
    assert.ok(terminal.output.text.trimEnd().endsWith('\u001B[?25h\u001B[?1049l'));
  });
});
