import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFiles } from '../../helpers/temp-dir.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const MAIN = `import { main } from './src/cli/main.ts'; process.exit(await main(process.argv.slice(1), process.env));`;

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in a process of its own; only for what ends before a server starts. */
function run(argv: readonly string[], env: Record<string, string> = {}): Outcome {
  const node = ['--import', 'tsx', '--input-type=module', '--eval', MAIN, '--', ...argv];
  const { status, stdout, stderr } = spawnSync(process.execPath, node, {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

describe('command', () => {
  it('prints its version, alone', () => {
    const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
      version: string;
    };
    assert.deepEqual(run(['--version']), { status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('prints all of a long answer into a pipe, whose reader takes its time', () => {
    const text = ['[uwsgi]', ...Array.from({ length: 40_000 }, (_, index) => `no.such.${index}`)];
    const file = join(tempFiles({ 'long.ini': text.join('\n') }), 'long.ini');
    const slow =
      '"$0" --import tsx --input-type=module --eval "$1" -- check "$2" | (read first; cat) | tail -n 1';
    const { stdout } = spawnSync('sh', ['-c', slow, process.execPath, MAIN, file], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.equal(stdout, 'It would not run.\n');
  });

  it('prints its help at the width of the terminal, whatever else is wrong', () => {
    const { status, stdout, stderr } = run(['--nope', '-h'], { COLUMNS: '60' });
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^Usage: tsuwsgi-native /);
    const described = stdout.split('\n').filter((line) => line.startsWith(' '.repeat(6)));
    assert.ok(described.every((line) => line.length <= 60));
  });

  it('ends with 1 and every problem on standard error, without a stack', () => {
    const { status, stdout, stderr } = run(['--processs', '4', '--threads', '0']);
    assert.deepEqual([status, stdout], [1, '']);
    assert.deepEqual(stderr.split('\n'), [
      'tsuwsgi-native: --processs: no such option; did you mean --processes?',
      'tsuwsgi-native: --threads: "0" is too small; accepted: 1 to 64',
      '',
    ]);
  });

  it('names a directory that it cannot change to', () => {
    const { status, stderr } = run([
      ...['--http-socket', '127.0.0.1:0', '--wsgi-file', 'a.ts'],
      ...['--chdir', '/does/not/exist'],
    ]);
    assert.equal(status, 1);
    assert.equal(stderr, 'tsuwsgi-native: --chdir /does/not/exist: there is no such directory\n');
  });

  it('writes a failed start as a record where the log is JSON', () => {
    const { status, stderr } = run([
      ...['--http-socket', '127.0.0.1:0', '--wsgi-file', 'a.ts', '--log-format', 'json'],
      ...['--chdir', '/does/not/exist'],
    ]);
    assert.equal(status, 1);
    const record = JSON.parse(stderr) as Record<string, unknown>;
    assert.equal(record['level'], 'error');
    assert.equal(record['code'], 'ERR_TSUWSGI_CONFIG');
    assert.match(String(record['msg']), /there is no such directory/);
  });

  it('shows the configuration before it starts', () => {
    const { stdout } = run([
      ...['--http-socket', '127.0.0.1:0', '--wsgi-file', 'a.ts', '--show-config'],
      ...['--chdir', '/does/not/exist'],
    ]);
    assert.match(stdout, /^; command line, argument 1\nhttp-socket = 127\.0\.0\.1:0$/m);
    assert.match(stdout, /\n;end of configuration\n$/);
  });

  it('checks a file, and its status says whether it would run', () => {
    const file = fileURLToPath(new URL('../../fixtures/ini/corpus/044.ini', import.meta.url));
    const { status, stdout, stderr } = run(['check', file]);
    assert.deepEqual([status, stderr], [1, '']);
    assert.match(stdout, /^Works \(\d+\):\n/);
    assert.match(stdout, /044\.ini:8: optmize: no such option/);
    assert.match(stdout, /\nIt would not run\.\n$/);
  });
});
