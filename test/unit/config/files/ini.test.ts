import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pairs, problemsOf, said } from './load.js';

const ini = (...lines: string[]): string => ['[uwsgi]', ...lines].join('\n');

describe('ini files', () => {
  it('that are none are reported without what a terminal would obey, and shortly', () => {
    assert.deepEqual(said('\u001B[2J\u0000 = 1\n'), [
      'a.ini:1: \uFFFD[2J\uFFFD: stands before the first section; [uwsgi] is missing',
    ]);
    const [first = '', second = ''] = said(ini('x'.repeat(100_000), '[y\u0007'));
    assert.ok(first.startsWith('a.ini:3: [y\uFFFD: a section is written'), first);
    assert.match(second, /^a\.ini:2: x{80}…: no such option, and no %\(x{80}…\) uses it$/);
    const [problem = ''] = problemsOf(['a.ini'], {
      'a.ini': ini(`threads = ${'9'.repeat(5000)}\u009B`),
    });
    assert.ok(problem.length < 200 && !problem.includes('\u009B'), problem);
  });

  it('have one pair a line, keys alone, comments only on lines of their own', () => {
    const text = ini(
      '# one',
      ' ; two',
      '',
      'master',
      '\tchdir\t=  /x ; y\t\r',
      'env = A=b=c',
      'pp =',
    );
    assert.deepEqual(pairs(text), ['master', 'chdir = /x ; y', 'env = A=b=c', 'pp = ']);
  });

  it('keep repeated keys in their order', () => {
    assert.deepEqual(pairs(ini('env = A=1', 'pp = x', 'env = B=2')), [
      'env = A=1',
      'pp = x',
      'env = B=2',
    ]);
  });

  it('are read in the section that was asked for, wherever its parts stand', () => {
    const text =
      '[a]\nthreads = 1\n[uwsgi]\nthreads = 2\n[a]\nthreads = 3\n[uwsgi]\nmaster = true\n';
    assert.deepEqual(pairs(text), ['threads = 2', 'master = true']);
  });

  it('may begin with a byte order mark', () => {
    assert.deepEqual(pairs(`\uFEFF${ini('threads = 2')}`), ['threads = 2']);
  });

  it('say where something is wrong', () => {
    assert.deepEqual(said('[web]\nthreads = 2\n'), [
      'a.ini: there is no section [uwsgi]; it has [web]',
    ]);
    assert.match(said('threads = 2\n[uwsgi]\n')[0] ?? '', /^a\.ini:1: threads: stands before/);
    assert.match(said('[uwsgi] ; x\n')[0] ?? '', /^a\.ini:1: \[uwsgi\] ; x: a section is written/);
    assert.match(said(ini('= 4'))[0] ?? '', /^a\.ini:2: there is no key/);
    assert.deepEqual(problemsOf(['a.ini'], { 'a.ini': ini('threads = x') }), [
      'a.ini:2: threads: "x" is not a whole number; accepted: 1 to 64',
    ]);
  });

  it('never make the reader throw anything but a ConfigError', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(
        ...[
          '%(a)',
          '%(a + 1)',
          '$(X)',
          '@(/x)',
          '%(',
          '%d',
          '%%',
          '%',
          '=',
          '[uwsgi]',
          '[x]',
          '\n',
          'a',
          'b',
        ],
        ...[
          'ini',
          ':x',
          'a.ini',
          'for',
          'endfor',
          'if-env',
          'X',
          'end',
          'else',
          'set',
          'set-ph',
          'for-times',
          '3',
        ],
        ...[
          '9999999999',
          '%(_)',
          'threads',
          'http-socket',
          'log-format',
          'include',
          'a.ini:uwsgi',
          '++',
          '/',
          '0',
        ],
      ),
    );
    const line = fc.oneof(
      fc.tuple(word, word).map(([key, value]) => `${key}=${value}`),
      fc.array(word).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const text = ini(...lines);
        assert.ok(Array.isArray(problemsOf(['a.ini'], { 'a.ini': text }, { X: '%(a)' })));
      }),
      { numRuns: 500 },
    );
  });

  it('come back as they were written', () => {
    const name = fc.stringMatching(/^[a-z][a-z-]{0,10}$/).map((text) => `x${text}`);
    const value = fc
      .stringMatching(/^[!-$&-~]([ -$&-~]{0,20}[!-$&-~])?$/)
      .filter((text) => !/[$@]\(/.test(text));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (list) => {
        const lines = list.map(([key, text]) => `env = ${key}=${text}`);
        assert.deepEqual(pairs(ini(...lines)), lines);
      }),
    );
  });
});
