import assert from 'node:assert/strict';
import { showConfig } from '../../../src/cli/show-config.js';
import { OPTIONS } from '../../../src/config/options.js';
import { resolveConfig } from '../../../src/config/resolve.js';
import { fakeHost } from '../config/fake-host.js';

function shown(argv: readonly string[], env: Record<string, string> = {}): string[] {
  const complete = ['--http-socket', ':8080', '--wsgi-file', 'a.ts', ...argv];
  const { config, origins } = resolveConfig({ argv: complete, env, host: fakeHost(1) });
  return showConfig(config, origins).split('\n');
}

/** `key = value ; source`, with single spaces. */
function line(lines: readonly string[], key: string): string[] {
  return lines
    .map((text) => text.replace(/ +/g, ' '))
    .filter((text) => text.startsWith(`${key} = `) || text.startsWith(`;${key} `));
}

describe('--show-config', () => {
  it('shows every option with its value and source', () => {
    const lines = shown(['-p', '2'], { TSUWSGI_THREADS: '4' });
    assert.deepEqual(line(lines, 'http-socket'), [
      'http-socket = :8080 ; command line, argument 1',
    ]);
    assert.deepEqual(line(lines, 'processes'), ['processes = 2 ; command line, argument 5']);
    assert.deepEqual(line(lines, 'threads'), ['threads = 4 ; environment, TSUWSGI_THREADS']);
    assert.deepEqual(line(lines, 'master'), ['master = true ; set by --processes 2']);
    assert.deepEqual(line(lines, 'listen'), ['listen = 1024 ; default']);
    assert.deepEqual(line(lines, 'module'), [';module ; not set']);
    assert.deepEqual(line(lines, 'pythonpath'), [';pythonpath ; not set']);
  });

  it('gives each element of a list a line of its own', () => {
    const lines = shown(['--env', 'A=1', '--pp', '/y'], { TSUWSGI_PP: '/x' });
    assert.deepEqual(line(lines, 'pythonpath'), [
      'pythonpath = /x ; environment, TSUWSGI_PP',
      'pythonpath = /y ; command line, argument 7',
    ]);
    assert.deepEqual(line(lines, 'env'), ['env = A=1 ; command line, argument 5']);
  });

  it('leaves out only what is an act, and begins and ends as uWSGI does', () => {
    const lines = shown([]);
    const missing = OPTIONS.map(({ name }) => name).filter(
      (name) => line(lines, name).length === 0,
    );
    assert.deepEqual(missing, ['show-config', 'help', 'version']);
    assert.deepEqual(lines.slice(0, 2), [';tsuwsgi-native configuration', '[uwsgi]']);
    assert.deepEqual(lines.slice(-2), [';end of configuration', '']);
  });
});
