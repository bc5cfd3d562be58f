import assert from 'node:assert/strict';
import { describeOrigin } from '../../../../src/config/setting.js';
import { load, pairs, problemsOf, said } from './load.js';

const ini = (...lines: string[]): string => ['[uwsgi]', ...lines].join('\n');
const COMPLETE = ['http-socket = :8080', 'wsgi-file = app.ts'];
const complete = (...lines: string[]): string => ini(...COMPLETE, ...lines);

describe('configuration files', () => {
  it('are weaker than the command line and the environment, wherever they are named', () => {
    const files = {
      'a.ini': complete('threads = 2', 'listen = 2', 'min-rate = 2'),
      'b.ini': ini('min-rate = 3'),
    };
    const argv = ['--listen', '9', 'a.ini', '--ini', 'b.ini'];
    const { config, origins } = load(argv, files, { TSUWSGI_THREADS: '5', UWSGI_MIN_RATE: '7' });
    assert.deepEqual([config.listen, config.threads, config.minRate], [9, 5, 7]);
    assert.equal(load(argv, files).config.minRate, 3);
    assert.deepEqual(origins.get('wsgi-file')?.map(describeOrigin), ['a.ini:3']);
  });

  it('may be named in the environment, and count less than those of the command line', () => {
    const files = { 'a.ini': complete('threads = 2'), 'b.ini': ini('threads = 3', 'listen = 3') };
    const { config } = load(['a.ini'], files, { UWSGI_INI: 'b.ini' });
    assert.deepEqual([config.threads, config.listen], [2, 3]);
  });

  it('add to lists, before what stronger sources add', () => {
    const files = { 'a.ini': complete('pp = /a', 'pp = /b') };
    assert.deepEqual(load(['a.ini', '--pp', '/c'], files).config.pythonpath, ['/a', '/b', '/c']);
  });

  it('include others where they say so, and sections of themselves', () => {
    const text = ini(
      'pp = 1',
      'ini = b.ini:web',
      'pp = 4',
      'ini = :more',
      'include = c.yaml',
      '[more]',
      'pp = 9',
    );
    const files = {
      'b.ini': '[web]\npp = 2\nini = :more\n[more]\npp = 3\n',
      'c.yaml': 'uwsgi:\n  pp: 6\n',
    };
    assert.deepEqual(pairs(text, files), [
      'pp = 1',
      'pp = 2',
      'pp = 3',
      'pp = 4',
      'pp = 3',
      'pp = 6',
    ]);
  });

  it('see the values of the file that includes them, and of the command line', () => {
    const files = {
      'a.ini': complete('dir = sub', 'ini = %(dir)/b.ini'),
      'sub/b.ini': ini('chdir = /%(dir)/%(pid)'),
    };
    assert.equal(load(['a.ini', '--set-ph', 'pid=7'], files).config.chdir, '/sub/7');
  });

  it('take settings from --set and from set', () => {
    const files = { 'a.ini': complete('set = threads=2', 'set = listen = 5') };
    const { config } = load(['a.ini', '--set', 'threads=3'], files);
    assert.deepEqual([config.threads, config.listen], [3, 5]);
    assert.match(problemsOf(['a.ini', '--set', 'x'], files)[0] ?? '', /^--set: is not of the form/);
  });

  it('may come from standard input', () => {
    assert.equal(load(['-'], { '-': complete('threads = 3') }).config.threads, 3);
    assert.equal(
      load(['--yaml', '-'], { '-': 'uwsgi: {http-socket: ":1", module: m}' }).config.module,
      'm',
    );
    assert.match(
      problemsOf(['-'], { '-': ini('threads = x') })[0] ?? '',
      /^standard input:2: threads:/,
    );
  });

  it('must not include themselves, also not over others', () => {
    assert.deepEqual(said(ini('ini = a.ini')), ['a.ini:2: ini: a.ini includes itself']);
    const files = { 'b.ini': ini('ini = a.ini') };
    assert.deepEqual(said(ini('include = b.ini'), files), ['b.ini:2: ini: a.ini includes itself']);
    assert.deepEqual(said(ini('ini = :x', '[x]', 'ini = :uwsgi')), [
      'a.ini:4: ini: a.ini includes itself',
    ]);
  });

  it('come to an end where includes double', () => {
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        `f${index}.ini`,
        ini(...[1, 2].map(() => `ini = f${index + 1}.ini`)),
      ]),
    );
    assert.ok(said(ini('ini = f0.ini'), files).some((line) => /more than 256 files/.test(line)));
  });

  for (const [argument, problem] of [
    ['http://host/a.ini', /^http:\/\/host\/a\.ini: "http:\/\/host\/a\.ini" is a URL;/],
    ['a.xml', /is XML, which is not supported/],
    ['gone.ini', /^gone\.ini: there is no such file/],
    ['a.ini:gone', /^a\.ini: there is no section \[gone\]; it has \[uwsgi\]/],
  ] as const) {
    it(`refuse ${argument}`, () =>
      assert.match(problemsOf([argument], { 'a.ini': complete() })[0] ?? '', problem));
  }

  it('refuse names that tell no format, and sections of nothing', () => {
    assert.match(
      problemsOf(['--include', 'conf'], {})[0] ?? '',
      /has no extension that tells its format/,
    );
    assert.match(problemsOf(['--ini', ':x'], {})[0] ?? '', /no ini file was read before/);
    assert.match(problemsOf(['--ini', ''], {})[0] ?? '', /is empty/);
    assert.match(problemsOf(['--ini', 'x.ini'], {})[0] ?? '', /^--ini: x\.ini: there is no such/);
  });
});

describe('values in files', () => {
  const warnings = (line: string) => load(['a.ini'], { 'a.ini': complete(line) }).warnings;

  it('may have text behind them that looks like a comment', () => {
    const { config } = load(['a.ini'], {
      'a.ini': complete('listen = 50   ; few', 'master = no # yet'),
    });
    assert.deepEqual([config.listen, config.master], [50, false]);
    assert.match(
      warnings('listen = 50 ; few')[0] ?? '',
      /^a\.ini:4: listen: .*only what stands before/,
    );
    assert.match(warnings('chdir = /x ; y')[0] ?? '', /all of it is taken/);
  });

  it('are true unless they say otherwise', () => {
    const master = (text: string) => load(['a.ini'], { 'a.ini': complete(text) }).config.master;
    assert.deepEqual(['master', 'master =', 'master = tue', 'master = 1'].map(master), [
      true,
      true,
      true,
      true,
    ]);
    assert.deepEqual(['master = Off', 'master = 0'].map(master), [false, false]);
    assert.match(warnings('master = tue')[0] ?? '', /is taken for true/);
  });

  it('may be words where a number is wanted, which uWSGI takes for 0', () => {
    const { config } = load(['a.ini'], { 'a.ini': complete('log-slow = True') });
    assert.equal(config.logSlow, 0);
    assert.match(warnings('log-slow = True')[0] ?? '', /is no number: it counts as 0/);
  });

  it('may be more threads of Python than there are of I/O', () => {
    const { config } = load(['a.ini'], { 'a.ini': complete('threads = 100') });
    assert.equal(config.threads, 64);
    assert.match(warnings('threads = 100')[0] ?? '', /^a\.ini:4: threads: "100" counts as 64/);
    assert.match(
      problemsOf(['a.ini', '--threads', '100'], { 'a.ini': complete() })[0] ?? '',
      /--threads: "100" is too large/,
    );
  });

  it('may be formats of the log', () => {
    const { config } = load(['a.ini'], { 'a.ini': complete('logformat = %(uri) %(status)') });
    assert.equal(config.logFormat, '%(uri) %(status)');
    assert.match(
      problemsOf(['a.ini'], { 'a.ini': complete('logformat = x') })[0] ?? '',
      /is unknown; accepted/,
    );
  });

  it('must not be left out where they are needed', () => {
    assert.match(
      problemsOf(['a.ini'], { 'a.ini': complete('chdir') })[0] ?? '',
      /^a\.ini:4: chdir: "" is empty/,
    );
  });
});

describe('options of uWSGI without a row', () => {
  it('have one line in the log each, with the reason', () => {
    const lines = [
      'plugin = a',
      'plugin = b',
      'reload-on-fd = 5',
      'lazy-apps = false',
      'vhost = 0',
    ];
    const { notes, warnings } = load(['a.ini'], { 'a.ini': complete(...lines) });
    assert.equal(notes.length, 1);
    assert.match(notes[0] ?? '', /^a\.ini:4: plugin has no effect: .*\(given 2 times\)$/);
    assert.deepEqual(warnings, [
      'a.ini:6: reload-on-fd has no effect: it is not implemented in this version',
    ]);
  });

  it('are errors where going on would be wrong', () => {
    const found = problemsOf(['a.ini'], {
      'a.ini': complete('route = .* basicauth:x', 'chroot = /x'),
    });
    assert.match(
      found[0] ?? '',
      /^a\.ini:4: route is not supported: write the rule into the front server/,
    );
    assert.match(found[1] ?? '', /^a\.ini:5: chroot is not supported: /);
  });

  it('explain why there is no socket or application', () => {
    assert.match(
      problemsOf(['a.ini'], { 'a.ini': ini('shared-socket = :1', 'module = m') })[0] ?? '',
      /^no socket \(a\.ini:2: shared-socket is not implemented\)/,
    );
    assert.match(
      problemsOf(['a.ini'], { 'a.ini': ini('http-socket = :1', 'cgi = /x') })[0] ?? '',
      /^no application \(a\.ini:3: cgi/,
    );
  });
});

describe('unknown keys', () => {
  it('are errors with a suggestion, or warnings without strict', () => {
    const line =
      'a.ini:4: optmize: no such option, and no %(optmize) uses it; did you mean optimize?';
    assert.deepEqual(problemsOf(['a.ini'], { 'a.ini': complete('optmize = true') }), [line]);
    const files = { 'a.ini': complete('optmize = true', 'strict = false') };
    assert.deepEqual(load(['a.ini'], files).warnings, [`${line} (ignored)`]);
    assert.deepEqual(load(['a.ini', '--no-strict'], files).warnings, [`${line} (ignored)`]);
  });

  it('are not reported while a file is missing that may use them', () => {
    assert.equal(
      problemsOf(['a.ini'], { 'a.ini': complete('app = 1', 'ini = gone.ini') }).length,
      1,
    );
  });
});
