import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { host } from '../../../src/cli/host.js';
import { prepareProcess } from '../../../src/cli/prepare-process.js';
import { requireSpoolDirectory } from '../../../src/cli/spool-directory.js';
import { resolveConfig, type ResolvedConfig } from '../../../src/config/resolve.js';
import { ConfigError } from '../../../src/errors.js';

function resolve(...argv: string[]): ResolvedConfig {
  const complete = ['--http-socket', ':0', '--wsgi-file', 'a.ts', ...argv];
  return resolveConfig({ argv: complete, env: {}, host });
}

function prepare(...argv: string[]): void {
  prepareProcess(resolve(...argv).config);
}

describe('preparing the process', () => {
  const directory = process.cwd();
  const variables = ['PREPARED_ONE', 'PREPARED_TWO'];

  afterEach(() => {
    process.chdir(directory);
    for (const name of variables) Reflect.deleteProperty(process.env, name);
  });

  it('sets the variables of --env, the last one winning', () => {
    prepare('--env', 'PREPARED_ONE=1', '--env', 'PREPARED_TWO=', '--env', 'PREPARED_ONE=a=b');
    assert.deepEqual(
      variables.map((name) => process.env[name]),
      ['a=b', ''],
    );
  });

  it('changes the directory', () => {
    prepare('--chdir', tmpdir());
    assert.equal(process.cwd(), realpathSync(tmpdir()));
  });

  it('says why it cannot', () => {
    const file = fileURLToPath(import.meta.url);
    assert.throws(
      () => prepare('--chdir', file),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(error.problems, [`--chdir ${file}: is not a directory`]);
        return true;
      },
    );
    assert.equal(process.cwd(), directory);
  });
});

describe('the directory for bodies', () => {
  it('must be there where it is given', () => {
    requireSpoolDirectory(resolve('--spool-dir', tmpdir()));
    for (const [path, reason] of [
      ['/does/not/exist', 'there is no such directory'],
      [fileURLToPath(import.meta.url), 'is not a directory'],
    ] as const) {
      assert.throws(
        () => requireSpoolDirectory(resolve('--spool-dir', path)),
        (error: unknown) => {
          assert.ok(error instanceof ConfigError);
          assert.deepEqual(error.problems, [`--spool-dir ${path}: ${reason}`]);
          return true;
        },
      );
    }
  });
});

describe('the host', () => {
  it('has CPUs, and files that can be read or not', () => {
    assert.ok(host.availableParallelism() >= 1);
    assert.match(host.readFile('/proc/self/cgroup') ?? '', /:/);
    assert.equal(host.readFile('/does/not/exist'), undefined);
  });
});
