import assert from 'node:assert/strict';
import { resolveConfig } from '../../../src/config/resolve.js';
import { ConfigError } from '../../../src/errors.js';
import { fakeHost } from './fake-host.js';

function outcome(
  argv: string,
  env: Record<string, string> = {},
): { problems: readonly string[]; warnings: readonly string[] } {
  try {
    const host = fakeHost(1);
    const { warnings } = resolveConfig({ argv: argv.split(' ').filter(Boolean), env, host });
    return { problems: [], warnings };
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return { problems: error.problems, warnings: [] };
  }
}

const BASE = '--http-socket :80 --wsgi-file a.ts';

/** Command line, and what its only problem says; undefined: it is right. */
const CASES: readonly [string, RegExp | undefined][] = [
  [BASE, undefined],
  ['--wsgi-file a.ts', /^no socket: .*--http-socket/],
  ['--http-socket :80', /^no application: .*--wsgi-file or --module.*--no-need-app/],
  ['--http-socket :80 --no-need-app', undefined],
  [`${BASE} --cache2 name=a,items=9 --cache2 name=b,items=9 --cache 5 --locks 3`, undefined],
  [`${BASE} --cache2 items=9`, /--cache2: "items=9" has no name=/],
  [`${BASE} --cache 5 --cache2 name=default,items=9`, /there is a cache named default already/],
  [`${BASE} --cron2 minute=61`, /--cron2: "minute=61" needs KEY=VALUE/],
  [`${BASE} --cron 1`, /--cron: "1" needs minute, hour/],
  [`${BASE} --unique-cron 1`, /--unique-cron: "1" needs minute, hour/],
  [`${BASE} --module m`, undefined],
  ['--http-socket :80 --module m:app --callable x', undefined],
  ['--http-socket :80 --module m --callable x', undefined],
  [`${BASE} -p 2 --no-master`, /--processes 2 needs the master, which --no-master switches off/],
  [`${BASE} -p 1 --no-master`, undefined],
  ['--http :80 --wsgi-file a.ts', undefined],
  ['--http :80', /^no application: /],
  ['--http :80 --http-to :3031', undefined],
  ['--http :80 --http-to :3031 --socket :3032', /^no application: /],
  ['--http :80 --wsgi-file a.ts --no-master', /--http :80 needs the master, which --no-master/],
  ['--http :80 --http-to 10.0.0.1:', /--http-to: "10\.0\.0\.1:" names no port to connect to/],
  ['--http :80 --http-to fd://3', /--http-to: "fd:\/\/3" is a listening socket/],
  ['--http :80 --http-to :1 --http-fallback :2,8080', /--http-fallback: ":2,8080" has no/],
  [`${BASE} --http-trusted 10.0.0.0/99`, /--http-trusted: "10\.0\.0\.0\/99" has more than 32 bits/],
  [`${BASE} --stats 9191`, /--stats: "9191" has no colon; write :9191/],
  [`${BASE} --stats 127.0.0.1:99999`, /--stats: "127\.0\.0\.1:99999" has a port above 65535/],
  [`${BASE} --stats fd://3`, /--stats: "fd:\/\/3" is a descriptor; name an address/],
  [`${BASE} --stats @s --stats /run/s --stats [::1]:1`, undefined],
  [`${BASE} --add-header X`, /--add-header: "X" is not of the form NAME: VALUE/],
  [`${BASE} --add-header X-A:b`, undefined],
  [`${BASE} --static-expires x`, /--static-expires: "x" is not of the form REGEX SECONDS/],
  [`${BASE} --static-gzip (`, /--static-gzip: "\(" is not a regular expression/],
  [`${BASE} --logger nosuch:x`, /--logger: "nosuch:x" is not known: there is no logger nosuch/],
  [`${BASE} --log-syslog=a,nosuch`, /--log-syslog: "a,nosuch" .* there is no facility nosuch/],
  [`${BASE} --log-syslog`, undefined],
  [`${BASE} --log-socket 10.0.0.1:0`, /--log-socket: "10\.0\.0\.1:0" has no valid port: 0/],
  [`${BASE} --log-drain (`, /--log-drain: "\(" is not a regular expression/],
  [`${BASE} --log-filter (?=a)`, /--log-filter: "\(\?=a\)" cannot be matched in linear time/],
  [`${BASE} --log-encoder gzip`, /--log-encoder: "gzip" cannot be done, there is no encoder gzip/],
  [`${BASE} --log-route x`, /--log-route: "x" is not of the form ID REGEX/],
  [`${BASE} --respawn-delay 9 --respawn-max-delay 3`, /--respawn-delay 9.*--respawn-max-delay 3/],
  [`${BASE} -p 2 --cheaper 2`, /--cheaper 2: must be lower than --processes 2/],
  [`${BASE} --cheaper 1`, /--cheaper 1: must be lower than the default --processes 1/],
  [`${BASE} -p 2 --cheaper 1`, undefined],
  [
    `${BASE} -p 2 --cheaper 1 --cheaper-algo busyness --cheaper-busyness-min 60`,
    /--cheaper-busyness-min 60 is not below the default --cheaper-busyness-max 50/,
  ],
  [
    `${BASE} -p 2 --cheaper 1 --cheaper-rss-limit-soft 900m --cheaper-rss-limit-hard 100m`,
    /--cheaper-rss-limit-hard \S+ is not above --cheaper-rss-limit-soft \S+/,
  ],
  [`${BASE} -p 2 --cheaper 1 --cheaper-rss-limit-hard 100m`, undefined],
  [`${BASE} --buffer-size 4096 --limit-target 4096`, /--limit-target 4096.*--buffer-size 4096/],
  [`${BASE} --buffer-size 4096`, undefined],
  [`${BASE} --log-format %(uri)%(metric.x)`, /no metrics in request lines \(%\(metric\.x\)\)/],
  [
    `${BASE} --body-memory 64k --post-buffering 128k`,
    /--post-buffering 131072.*--body-memory 65536/,
  ],
];

describe('rules between options', () => {
  for (const [argv, expected] of CASES) {
    it(`${expected === undefined ? 'takes' : 'refuses'} ${argv}`, () => {
      const { problems } = outcome(argv);
      assert.equal(problems.length, expected === undefined ? 0 : 1, problems.join('\n'));
      if (expected !== undefined) assert.match(problems[0] ?? '', expected);
    });
  }

  it('corrects a number of workers at the start that is out of bounds, as uWSGI does, and says so', () => {
    const warned = (argv: string): string => outcome(`${BASE} ${argv}`).warnings.join('\n');
    assert.match(
      warned('-p 4 --cheaper 2 --cheaper-initial 9'),
      /--cheaper-initial 9 is not between --cheaper 2 and --processes 4: 4 is taken/,
    );
    assert.match(warned('-p 4 --cheaper 2 --cheaper-initial 1'), /: 2 is taken/);
    assert.equal(warned('-p 4 --cheaper 2 --cheaper-initial 3'), '');
    assert.match(
      warned('--cheaper-initial 3'),
      /--cheaper-initial 3 has no effect without --cheaper/,
    );
    assert.match(warned('--die-on-idle'), /--die-on-idle has no effect without --idle/);
    assert.equal(warned('--die-on-idle --idle 9'), '');
  });

  it('lets the module win over the file, as uWSGI does, and says so', () => {
    const { problems, warnings } = outcome(BASE, { UWSGI_MODULE: 'm' });
    assert.deepEqual(problems, []);
    assert.deepEqual(warnings, [
      '--wsgi-file a.ts is ignored: UWSGI_MODULE=m names the application, and wins as in uWSGI',
    ]);
  });

  it('lets the callable behind a module win, and is silent where both are the same', () => {
    const module = '--http-socket :80 --module m:app';
    assert.deepEqual(outcome(`${module} --callable app`).warnings, []);
    assert.deepEqual(outcome(`${module} --callable x`).warnings, [
      '--callable x is ignored: --module m:app names the callable, and wins as in uWSGI',
    ]);
  });

  it('names an option as it was given', () => {
    const env = { TSUWSGI_RESPAWN_DELAY: '99' };
    assert.deepEqual(outcome(BASE, env).problems, [
      'TSUWSGI_RESPAWN_DELAY=99 is above the default --respawn-max-delay 30',
    ]);
    const { problems } = outcome(`${BASE} -p 2`, { TSUWSGI_MASTER: 'off' });
    assert.deepEqual(problems, [
      '--processes 2 needs the master, which TSUWSGI_MASTER switches off',
    ]);
  });

  it('reports all broken rules together', () => {
    assert.equal(outcome('').problems.length, 2);
  });

  it('warns about backends without a router', () => {
    const { warnings } = outcome(`${BASE} --http-to :3031`);
    assert.deepEqual(warnings, ['--http-to :3031 has no effect without --http']);
  });

  it('warns about a callable without an application', () => {
    const { warnings } = outcome('--http-socket :80 --no-need-app --callable x');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /--callable x has no effect/);
  });
});
