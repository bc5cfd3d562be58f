import assert from 'node:assert/strict';
import { readEnvironment, readUwsgiEnvironment } from '../../../src/config/environment.js';

function pairs(env: Record<string, string>): [string, string | undefined][] {
  const { settings, unknown, problems } = readEnvironment(env);
  assert.deepEqual([...problems, ...unknown], []);
  return settings.map(({ key, value }) => [key, value]);
}

describe('environment', () => {
  it('names options in capitals, with underscores for dashes', () => {
    assert.deepEqual(pairs({ TSUWSGI_BUFFER_SIZE: '65536', HOME: '/root' }), [
      ['buffer-size', '65536'],
    ]);
  });

  it('knows aliases and negations', () => {
    assert.deepEqual(pairs({ TSUWSGI_NO_STRICT: '1', TSUWSGI_WORKERS: '4' }), [
      ['no-strict', '1'],
      ['workers', '4'],
    ]);
  });

  it('remembers the variable', () => {
    const { settings } = readEnvironment({ TSUWSGI_THREADS: '2' });
    assert.deepEqual(settings[0]?.origin, { source: 'environment', variable: 'TSUWSGI_THREADS' });
  });

  it('trims what shells and env files leave around a value', () => {
    assert.deepEqual(pairs({ TSUWSGI_THREADS: ' 2\n' }), [['threads', '2']]);
  });

  it('separates the elements of a list by commas', () => {
    assert.deepEqual(pairs({ TSUWSGI_HTTP_SOCKET: ':8080, [::1]:8080,' }), [
      ['http-socket', ':8080'],
      ['http-socket', '[::1]:8080'],
    ]);
  });

  it('separates them by lines only, where there are lines', () => {
    assert.deepEqual(pairs({ TSUWSGI_PYTHONPATH: '/a,b\n\n/c\n' }), [
      ['pythonpath', '/a,b'],
      ['pythonpath', '/c'],
    ]);
  });

  it('leaves commas in the values of env alone', () => {
    assert.deepEqual(pairs({ TSUWSGI_ENV: 'A=1,2\nB=3' }), [
      ['env', 'A=1,2'],
      ['env', 'B=3'],
    ]);
    assert.deepEqual(pairs({ TSUWSGI_ENV: 'A=1,2' }), [['env', 'A=1,2']]);
  });

  it('does not depend on the order of the variables', () => {
    const forward = pairs({ TSUWSGI_MASTER: '1', TSUWSGI_THREADS: '2' });
    assert.deepEqual(pairs({ TSUWSGI_THREADS: '2', TSUWSGI_MASTER: '1' }), forward);
  });

  it('reports variables that name no option, with a suggestion in their own spelling', () => {
    const { unknown } = readEnvironment({ TSUWSGI_PROCESS: '4', TSUWSGI_XXXXXXXX: '' });
    assert.deepEqual(unknown, [
      {
        message: 'TSUWSGI_PROCESS: no such option; did you mean TSUWSGI_PROCESSES?',
        severity: 'strict',
      },
      { message: 'TSUWSGI_XXXXXXXX: no such option', severity: 'strict' },
    ]);
  });

  it('leaves its own internal variables alone', () => {
    assert.deepEqual(pairs({ TSUWSGI_INTERNAL_SLOT: '1' }), []);
    assert.deepEqual(pairs({ TSUWSGI_NATIVE_PREBUILD: '/elsewhere' }), []);
  });

  it('leaves variables alone that only look like acts of the command line', () => {
    assert.deepEqual(pairs({ TSUWSGI_VERSION: '0.1.0', TSUWSGI_HELP: 'https://…' }), []);
    assert.deepEqual(readUwsgiEnvironment({ UWSGI_VERSION: '2.0.21' }).settings, []);
  });

  it('refuses two variables that set one option differently', () => {
    const { problems } = readEnvironment({ TSUWSGI_PROCESSES: '2', TSUWSGI_WORKERS: '4' });
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /^TSUWSGI_PROCESSES and TSUWSGI_WORKERS .*keep one/);
    const same = readEnvironment({ TSUWSGI_PROCESSES: '2', TSUWSGI_WORKERS: '2' });
    assert.deepEqual(same.problems, []);
  });

  it('reads the variables of uWSGI too, where what it does not know is no error', () => {
    const { settings, unknown } = readUwsgiEnvironment({
      UWSGI_PROCESSES: '4',
      UWSGI_CHEAPERR: '2',
      UWSGI_RELOADS: '1',
      TSUWSGI_THREADS: '2',
    });
    assert.deepEqual(settings, [
      {
        key: 'processes',
        value: '4',
        origin: { source: 'environment', variable: 'UWSGI_PROCESSES' },
      },
    ]);
    assert.deepEqual(
      unknown.map(({ severity }) => severity),
      ['warning'],
    );
  });
});
