import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { glob } from '../../../src/cli/glob.js';

describe('file name patterns', () => {
  let directory = '';

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'glob-'));
    mkdirSync(join(directory, 'sub'));
    for (const name of ['a.ini', 'b.ini', 'ab.ini', '.c.ini', 'a+b', 'sub/d.ini', '[x'])
      writeFileSync(join(directory, name), '');
  });
  after(() => rmSync(directory, { recursive: true }));

  for (const [pattern, found] of [
    ['*.ini', ['a.ini', 'ab.ini', 'b.ini']],
    ['?.ini', ['a.ini', 'b.ini']],
    ['[ab].ini', ['a.ini', 'b.ini']],
    ['[!a].ini', ['b.ini']],
    ['.*.ini', ['.c.ini']],
    ['*/*.ini', ['sub/d.ini']],
    ['a+b', ['a+b']],
    ['[x*', ['[x']],
    ['[z-a]', []],
    ['gone', []],
  ] as const) {
    it(pattern, () =>
      assert.deepEqual(
        glob(`${directory}/${pattern}`),
        found.map((name) => join(directory, name)),
      ),
    );
  }

  it('answer any pattern', () => {
    const sign = fc.constantFrom(
      '*',
      '?',
      '[',
      ']',
      '!',
      '^',
      '-',
      '\\',
      'a',
      '.',
      '{',
      '(',
      '+',
      '$',
    );
    fc.assert(
      fc.property(fc.array(sign), (signs) => {
        const found = glob(`${directory}/${signs.join('')}`);
        // `..` is the directory above, as in a shell.
        assert.ok(found.every((path) => existsSync(path)));
      }),
    );
  });
});
