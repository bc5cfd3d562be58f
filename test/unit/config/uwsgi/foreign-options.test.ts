import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { BLOCK_KEYS } from '../../../../src/config/files/blocks.js';
import { findByLetter, findByName } from '../../../../src/config/option-index.js';
import {
  findForeign,
  findForeignByLetter,
  FOREIGN_GROUPS,
  optionsOf,
} from '../../../../src/config/uwsgi/foreign-index.js';

const options = FOREIGN_GROUPS.flatMap(optionsOf);

interface Frequency {
  readonly name: string;
  readonly uses: number;
}

function frequencies(): Frequency[] {
  const url = new URL('../../../fixtures/ini/option-frequency.tsv', import.meta.url);
  return readFileSync(url, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([name = '', uses]) => ({ name, uses: Number(uses) }));
}

const supported = (name: string): boolean =>
  findByName(name) !== undefined || BLOCK_KEYS.includes(name);

function share(accepted: (name: string) => boolean): number {
  const all = frequencies();
  const sum = (list: readonly Frequency[]) => list.reduce((total, { uses }) => total + uses, 0);
  return sum(all.filter(({ name }) => accepted(name))) / sum(all);
}

describe('options of uWSGI', () => {
  it('are known once', () => {
    const names = options.map(({ name }) => name);
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
    assert.deepEqual(names.filter(supported), []);
  });

  it('have names, and reasons in words', () => {
    assert.ok(options.length > 500, String(options.length));
    for (const { name } of options) assert.match(name, /^[a-z0-9][a-z0-9_-]*$/);
    for (const { verdict, text } of FOREIGN_GROUPS) {
      assert.ok(verdict === 'not implemented' || text !== '');
      assert.doesNotMatch(text, /\.$/);
    }
  });

  it('have letters that belong to no option of this server', () => {
    for (const letter of 'HTiOJrvcAQx') {
      assert.ok(findForeignByLetter(letter), letter);
      assert.equal(findByLetter(letter), undefined);
    }
  });

  it('include families, but not their misspelled relatives', () => {
    assert.equal(findForeign('php-docroot')?.verdict, 'refused');
    assert.equal(findForeign('exec-pre-app')?.verdict, 'not implemented');
    assert.equal(findForeign('exec-pre'), undefined);
  });

  it('work, or have no effect for a reason, in at least 95 % of their uses in real files', () => {
    const served = share((name) => supported(name) || findForeign(name)?.verdict === 'no effect');
    assert.ok(served >= 0.95, `${(served * 100).toFixed(1)} %`);
  });

  it('are all known, also the refused ones', () => {
    assert.equal(
      share((name) => supported(name) || findForeign(name) !== undefined),
      1,
    );
  });
});
