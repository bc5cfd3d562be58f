import assert from 'node:assert/strict';
import { locateError } from '../../../src/cli/locate-error.js';
import { resolveConfig } from '../../../src/config/resolve.js';
import { ConfigError, OptionError } from '../../../src/errors.js';
import { fakeHost } from '../config/fake-host.js';

const FILE = ['[uwsgi]', 'socket = :1', 'need-app = false', 'add-gid = a', 'add-gid = b'];

function located(error: unknown, argv: readonly string[] = []): unknown {
  const host = fakeHost(1, { '/srv/a.ini': FILE.join('\n') });
  return locateError(error, resolveConfig({ argv: ['a.ini', ...argv], env: {}, host }));
}

function messageOf(error: unknown): string {
  assert.ok(error instanceof ConfigError);
  return error.message;
}

describe('an option whose value cannot be had', () => {
  it('is named with file and line, also the second of a list', () => {
    const message = messageOf(located(new OptionError('add-gid', 'b', 'no such group')));
    assert.equal(message, 'a.ini:5: add-gid = b: no such group');
  });

  it('is named as the command line has it', () => {
    const error = new OptionError('chdir', 'x', 'gone');
    assert.equal(messageOf(located(error, ['--chdir', 'x'])), '--chdir x: gone');
  });

  it('leaves other errors alone', () => {
    const error = new Error('other');
    assert.equal(located(error), error);
  });
});
