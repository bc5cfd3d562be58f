import assert from 'node:assert/strict';
import { pairs, said } from './load.js';

const ini = (...lines: string[]): string => ['[uwsgi]', ...lines].join('\n');
const FILES = {
  '/data/one.txt': 'first\nsecond\n',
  '/data/two.txt': '',
  '/data/win.csv': 'first\r\nsecond\r\n',
};

/** What the block leaves of `env = T=%(_)`. */
function taken(opener: string, env: Record<string, string> = {}): string[] {
  return pairs(ini('threads = 4', opener, 'env = T=%(_)', 'end ='), FILES, env).filter((pair) =>
    pair.startsWith('env'),
  );
}

describe('loops', () => {
  for (const [opener, items] of [
    ['for = a b  c', ['a', 'b', 'c']],
    ['for =', []],
    ['for-times = 3', ['1', '2', '3']],
    ['for-times = 0', []],
    ['for-glob = /data/*.txt', ['/data/one.txt', '/data/two.txt']],
    ['for-readline = /data/one.txt', ['first', 'second']],
    ['for-readline = /data/two.txt', []],
    ['for-readline = /data/win.csv', ['first', 'second']],
  ] as const) {
    it(`${opener} → ${items.join(', ')}`, () =>
      assert.deepEqual(
        taken(opener),
        items.map((item) => `env = T=${item}`),
      ));
  }

  it('go line by line, as uWSGI does, also in keys', () => {
    const text = ini(
      'for = 1 2',
      'env = A=%(_)',
      'env = B=%(_)',
      'endfor =',
      'for = threads',
      '%(_) = 3',
      'end-for',
    );
    assert.deepEqual(pairs(text), [
      'env = A=1',
      'env = A=2',
      'env = B=1',
      'env = B=2',
      'threads = 3',
    ]);
  });
});

describe('conditions', () => {
  const env = { SET: 'v', EMPTY: '' };
  for (const [opener, expected] of [
    ['if-env = SET', 'v'],
    ['if-env = SET=v', 'v'],
    ['if-env = SET=w', undefined],
    ['if-env = EMPTY', ''],
    ['ifenv = UNSET', undefined],
    ['if-not-env = UNSET', '%(_)'],
    ['if-not-env = SET', undefined],
    ['if-exists = /data', '/data'],
    ['if-file = /data/one.txt', '/data/one.txt'],
    ['if-file = /data', undefined],
    ['if-not-file = /data', '/data'],
    ['if-not-exists = /nothing', '/nothing'],
    ['if-not-env = SET=w', 'v'],
    ['if-dir = /data', '/data'],
    ['if-directory = /data/one.txt', undefined],
    ['if-opt = threads', '4'],
    ['if-opt = threads=4', '4'],
    ['if-opt = threads=5', undefined],
    ['if-not-opt = processes', '%(_)'],
    ['if-hostname = web1', 'web1'],
    ['if-not-hostname = web1', undefined],
    ['if-hostname-match = ^web', '^web'],
    ['if-not-hostname-match = ^db', '^db'],
    ['if-plugin = python', undefined],
    ['if-not-reload =', '%(_)'],
    ['if-file = $(SET)/../data/one.txt', undefined],
  ] as const) {
    it(`${opener} ${expected === undefined ? 'drops' : 'keeps'} its lines`, () =>
      assert.deepEqual(taken(opener, env), expected === undefined ? [] : [`env = T=${expected}`]));
  }

  it('may have an else', () => {
    const text = ini('if-env = UNSET', 'threads = 1', 'else =', 'threads = 2', 'endif =');
    assert.deepEqual(pairs(text), ['threads = 2']);
  });
});

describe('blocks', () => {
  for (const [title, lines, problem] of [
    ['do not nest', ['for = a', 'for = b', 'end', ''], /^a\.ini:3: for: stands inside of for/],
    ['must be closed', ['if-env = A', 'threads = 2'], /^a\.ini:2: if-env: the block is not closed/],
    ['must be opened', ['endif ='], /^a\.ini:2: endif: closes a block that was not opened/],
    ['have an else only in an if', ['for = a', 'else', 'end'], /^a\.ini:3: else: stands outside/],
    ['count with numbers', ['for-times = x', 'end'], /^a\.ini:2: for-times: "x" is not a whole/],
    ['count to an end', ['for-times = 99999', 'end'], /too large; accepted: 0 to 10000/],
    [
      'read what is there',
      ['for-readline = /no', 'end'],
      /^a\.ini:2: for-readline: "\/no" cannot be read/,
    ],
    ['match expressions', ['if-hostname-match = (', 'end'], /is no regular expression/],
  ] as const) {
    it(title, () => assert.match(said(ini(...lines))[0] ?? '', problem));
  }
});
