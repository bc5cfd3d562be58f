import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { propertyName } from '../../../src/config/config.js';
import { findByLetter, findByName, namesOf } from '../../../src/config/option-index.js';
import { OPTION_GROUPS, OPTIONS } from '../../../src/config/options.js';
import type { OptionRow } from '../../../src/config/option-row.js';
import { defaultText } from '../../../src/config/resolve.js';
import { parseValue } from '../../../src/config/values.js';

const rows: readonly OptionRow[] = OPTIONS;

function duplicates(items: readonly string[]): string[] {
  return items.filter((item, index) => items.indexOf(item) !== index);
}

/** Files that know options without obeying them. */
const NOT_OBEYING = /^config\/(options\/|validate|suggest|config|option-)/;

/** The TypeScript below src/ that can obey an option, as one text. */
function sourceText(): string {
  const root = new URL('../../../src/', import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts') && !NOT_OBEYING.test(file))
    .map((file) => readFileSync(new URL(file, root), 'utf8'))
    .join('\n');
}

describe('option table', () => {
  it('gives every name and alias once', () => {
    assert.deepEqual(duplicates(rows.flatMap(namesOf)), []);
  });

  it('gives every short flag once, as one letter', () => {
    const letters = rows.flatMap((row) => row.short ?? []);
    assert.deepEqual(duplicates(letters), []);
    for (const letter of letters) assert.match(letter, /^[A-Za-z]$/);
  });

  it('has names that survive the way through the environment and back', () => {
    for (const name of rows.flatMap(namesOf)) assert.match(name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
  });

  it('gives every option a property of its own', () => {
    assert.deepEqual(duplicates(OPTIONS.map((row) => propertyName(row.name))), []);
  });

  it('has defaults that its own parsers accept', () => {
    for (const row of rows) {
      const text = defaultText(row, {});
      if (text === undefined) continue;
      const parsed = parseValue(row, text);
      assert.ok(parsed.ok, `${row.name}: ${text} ${parsed.ok ? '' : parsed.reason}`);
    }
  });

  it('has ranges that are not empty', () => {
    for (const row of rows) {
      if ('min' in row) assert.ok(row.min >= 0 && row.min < row.max, row.name);
    }
  });

  it('is found by every name and letter', () => {
    for (const row of rows) {
      for (const name of namesOf(row)) assert.equal(findByName(name)?.row, row);
      if (row.short !== undefined) assert.equal(findByLetter(row.short), row);
    }
  });

  it('lets no name hide the negation of another flag', () => {
    for (const row of rows.filter(({ kind }) => kind === 'flag')) {
      const found = findByName(`no-${row.name}`);
      if (found !== undefined) assert.ok(found.negated && found.row === row, row.name);
    }
  });

  it('is shown in groups that hold every row once', () => {
    const shown = OPTION_GROUPS.flatMap((group) => group.rows);
    assert.deepEqual(shown, rows);
    assert.deepEqual(duplicates(OPTION_GROUPS.map((group) => group.section)), []);
  });

  it('has help in one sentence without a full stop', () => {
    for (const row of rows) {
      assert.match(row.help, /^\S.*[^.\s]$/, row.name);
      assert.ok(row.help.length <= 130, `${row.name}: ${row.help.length} characters`);
    }
  });

  it('holds nothing that no code obeys', () => {
    const source = sourceText();
    const idle = OPTIONS.filter((row) => !('noEffect' in row) && !('directive' in row))
      .filter((row) => !obeyed(row.name, propertyName(row.name), source))
      .map(({ name }) => name);
    assert.deepEqual(idle, []);
  });
});

/** Read as a property of the configuration, or by name where the configuration is not made yet. */
function obeyed(name: string, property: string, source: string): boolean {
  const access = `[cC]onfig\\.${property}\\b`;
  const destructuring = `\\{[^{}]*\\b${property}\\b[^{}]*\\} = (this\\.)?[\\w.#]*config\\b`;
  const slice = `Pick<\\s*Config,[^>]*'${property}'`;
  const byName = `(get|has)\\('${name}'\\)`;
  return new RegExp(`${access}|${destructuring}|${slice}|${byName}`, 'i').test(source);
}
