import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { host } from '../../src/cli/host.js';
import { resolveConfig } from '../../src/config/resolve.js';
import { requireProgram } from '../helpers/programs.js';
import { tempFiles } from '../helpers/temp-dir.js';

const DIALECT = readFileSync(new URL('../fixtures/ini/dialect.ini', import.meta.url), 'utf8');
const OTHER = '[web]\nenv = OTHER=%s %S\nfrom-other = yes\n[uwsgi]\nenv = NOT_THIS=1\n';

/** The pairs of `env`, in order, as uWSGI prints them before it finds that it has no socket. */
function readByUwsgi(program: string, directory: string, env: NodeJS.ProcessEnv): string[] {
  const { stdout, stderr } = spawnSync(program, ['--show-config', '--ini', 'app.ini'], {
    cwd: directory,
    env,
    encoding: 'utf8',
    // A pipe would be a socket, which uWSGI takes for one to serve.
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
  });
  const printed = `${stdout}\n${stderr}`.split('\n');
  return printed.filter((line) => line.startsWith('env = ')).map((line) => line.slice(6));
}

function readHere(directory: string, env: NodeJS.ProcessEnv): string[] {
  const before = process.cwd();
  process.chdir(directory);
  try {
    const argv = ['--no-need-app', '--http-socket', ':0', '--ini', 'app.ini'];
    const { config } = resolveConfig({ argv, env, host });
    return config.env.map(({ name, value }) => `${name}=${value}`);
  } finally {
    process.chdir(before);
  }
}

describe('the ini dialect', () => {
  it('means the same to uWSGI', function () {
    const program = requireProgram(this, 'uwsgi');
    const files = {
      'app.ini': DIALECT,
      'other.ini': OTHER,
      'text.txt': 'one\ntwo\n',
      'line.txt': 'a b\n',
      'windows.csv': 'one,1\r\ntwo,2\r\n',
      'empty.csv': '',
      'plain.ini': '[uwsgi]\r\nenv = PLAIN_FILE=%n %N\r\nini = :web\r\n[web]\r\nenv = ITS_OWN=%x',
    };
    const directory = tempFiles(files);
    const env = { PATH: process.env['PATH'], DIALECT: 'spoken' };
    const theirs = readByUwsgi(program, directory, env);
    assert.ok(theirs.length > 45, theirs.join('\n'));
    assert.deepEqual(readHere(directory, env), theirs);
  });
});
