import assert from 'node:assert/strict';
import { showConfig } from '../../../src/cli/show-config.js';
import { OPTIONS } from '../../../src/config/options.js';
import { resolveConfig } from '../../../src/config/resolve.js';
import { fakeHost } from '../config/fake-host.js';

const COMPLETE = ['--http-socket', ':8080', '--wsgi-file', 'a.ts'];

function shown(argv: readonly string[], env: Record<string, string> = {}): string {
  return showConfig(resolveConfig({ argv: [...COMPLETE, ...argv], env, host: fakeHost(1) }));
}

describe('--show-config', () => {
  it('puts each value below its source', () => {
    const text = shown(['-p', '2'], { TSUWSGI_THREADS: '4' });
    assert.match(text, /^; command line, argument 1\nhttp-socket = :8080$/m);
    assert.match(text, /^; command line, argument 5\nprocesses = 2$/m);
    assert.match(text, /^; environment, TSUWSGI_THREADS\nthreads = 4$/m);
    assert.match(text, /^; set by --processes 2\nmaster = true$/m);
    assert.match(text, /^;listen = 1024 \(default\)$/m);
    assert.match(text, /^;module \(not set\)$/m);
    assert.match(text, /^;pythonpath \(not set\)$/m);
  });

  it('gives each element of a list its own source', () => {
    const text = shown(['--env', 'A=1', '--pp', '/y'], { TSUWSGI_PP: '/x' });
    assert.match(text, /^; environment, TSUWSGI_PP\npythonpath = \/x$/m);
    assert.match(text, /^; command line, argument 7\npythonpath = \/y$/m);
  });

  it('names files with their lines, and what has no effect', () => {
    const ini = '[uwsgi]\nthreads = 3\numask = 022\nthunder-lock = true\n';
    const host = fakeHost(1, { '/srv/a.ini': ini });
    const text = showConfig(resolveConfig({ argv: [...COMPLETE, 'a.ini'], env: {}, host }));
    assert.match(text, /^; from a\.ini$/m);
    assert.match(text, /^; a\.ini:2\nthreads = 3$/m);
    assert.match(text, /^umask = 022$/m);
    assert.match(text, /^; a\.ini:4: has no effect: .*\n;thunder-lock = true$/m);
  });

  it('leaves out only acts and sources, and begins and ends as uWSGI does', () => {
    const text = shown([]);
    const missing = OPTIONS.map(({ name }) => name).filter(
      (name) => !new RegExp(`^;?${name} (= |\\(not set)`, 'm').test(text),
    );
    assert.deepEqual(missing, [
      ...['ini', 'yaml', 'json', 'include', 'set', 'set-placeholder'],
      ...['show-config', 'help', 'version'],
    ]);
    assert.match(text, /^;tsuwsgi-native configuration\n\[uwsgi\]\n/);
    assert.match(text, /\n;end of configuration\n$/);
  });

  it('is an ini file that sets the same', () => {
    const argv = [
      '--umask',
      '027',
      '--env',
      'DATE=100%d',
      '--no-need-app',
      '--socket-timeout',
      '4.5',
    ];
    const first = resolveConfig({ argv: [...COMPLETE, ...argv], env: {}, host: fakeHost(1) });
    const host = fakeHost(1, { '/srv/again.ini': showConfig(first) });
    const again = resolveConfig({ argv: ['again.ini'], env: {}, host });
    assert.deepEqual({ ...again.config, include: [] }, first.config);
    assert.deepEqual(again.warnings, []);
  });
});
