import assert from 'node:assert/strict';
import { reportError } from '../../../src/cli/report-error.js';
import { AppLoadError, ConfigError, ListenError, TsuwsgiError } from '../../../src/errors.js';
import { ExitCode } from '../../../src/ipc/exit-codes.js';

describe('errors at start', () => {
  it('print every problem of the configuration, one a line', () => {
    assert.deepEqual(reportError(new ConfigError(['--a: bad', '--b: worse'])), {
      lines: ['tsuwsgi-native: --a: bad', 'tsuwsgi-native: --b: worse'],
      message: '--a: bad\n--b: worse',
      fields: { code: 'ERR_TSUWSGI_CONFIG', reason: '--a: bad\n--b: worse' },
      exitCode: ExitCode.FAILED,
    });
  });

  it('print the message without a stack and have the exit code of their cause', () => {
    const { lines, exitCode } = reportError(new AppLoadError('no such file'));
    assert.deepEqual(lines, ['tsuwsgi-native: no such file']);
    assert.equal(exitCode, ExitCode.NO_APPLICATION);
    assert.equal(reportError(new ListenError('in use')).exitCode, ExitCode.FAILED);
    assert.equal(reportError(new TsuwsgiError('ERR_TSUWSGI_X', 'x')).exitCode, ExitCode.FAILED);
  });

  it('show the stack of what should not have happened', () => {
    const { lines, exitCode } = reportError(new RangeError('impossible'));
    assert.equal(exitCode, ExitCode.FAILED);
    assert.match(lines[0] ?? '', /internal error: RangeError: impossible\n\s+at /);
    assert.match(reportError('text').lines[0] ?? '', /internal error: text/);
  });

  it('have stable codes, and names for people who read stacks', () => {
    const cause = new Error('below');
    const error = new ListenError('in use', { cause });
    assert.equal(error.code, 'ERR_TSUWSGI_LISTEN');
    assert.equal(error.name, 'ListenError');
    assert.equal(error.cause, cause);
    assert.ok(error instanceof TsuwsgiError);
    assert.equal(new ConfigError(['a']).code, 'ERR_TSUWSGI_CONFIG');
    assert.equal(new AppLoadError('a').code, 'ERR_TSUWSGI_APP_LOAD');
  });
});
