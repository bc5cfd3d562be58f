import assert from 'node:assert/strict';
import { helpText } from '../../../src/cli/help.js';
import { spellings } from '../../../src/config/describe-option.js';
import { OPTION_GROUPS, OPTIONS } from '../../../src/config/options.js';

describe('--help', () => {
  for (const width of [20, 40, 80, 100, 400]) {
    it(`names every option once at ${width} columns, and stays inside them`, () => {
      const lines = helpText(width).split('\n');
      for (const row of OPTIONS) {
        const start = `  ${spellings(row).join(', ')}`;
        const next = 'whenBare' in row ? '[=' : ' ';
        const found = lines.filter((line) => line === start || line.startsWith(start + next));
        assert.equal(found.length, 1, row.name);
      }
      const limit = Math.min(110, Math.max(40, width));
      const described = lines.filter((line) => line.startsWith(' '.repeat(6)));
      assert.ok(described.length > OPTIONS.length / 2);
      for (const line of described) assert.ok(line.length <= limit, line);
    });
  }

  it('has the sections in the order of the table', () => {
    const lines = helpText(80).split('\n');
    const sections = OPTION_GROUPS.map(({ section }) => section);
    assert.deepEqual(
      lines.filter((line) => sections.includes(line)),
      sections,
    );
  });

  it('loses no word of the help at any width', () => {
    for (const width of [40, 63, 80]) {
      const words = helpText(width).replace(/\s+/g, ' ');
      for (const row of OPTIONS) assert.ok(words.includes(row.help), row.name);
    }
  });

  it('has no trailing spaces and ends with one line end', () => {
    const text = helpText(80);
    assert.doesNotMatch(text, / $/m);
    assert.match(text, /[^\n]\n$/);
  });

  it('says which defaults are on and how to switch them off', () => {
    assert.match(helpText(80), /--need-app, --no-need-app/);
    assert.match(helpText(80), /--listen N .*\n?.*default: 1024/);
  });
});
