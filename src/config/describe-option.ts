/** Words for an option, shared by `--help` and the generated documentation. */
import { isNegatable } from './option-index.js';
import type { OptionRow } from './option-row.js';
import { choiceWords } from './values.js';

/** What stands for the value, as `SECONDS`; empty for flags. */
export function valueLabel(row: OptionRow): string {
  switch (row.kind) {
    case 'flag':
      return '';
    case 'integer':
      return 'N';
    case 'count':
      return 'N|auto';
    case 'seconds':
      return 'SECONDS';
    case 'size':
      return 'BYTES';
    case 'octal':
      return 'MODE';
    case 'choice':
      return choiceWords(row).join('|');
    case 'addresses':
      return 'ADDRESS';
    case 'pairs':
      return 'NAME=VALUE';
    case 'text':
    case 'texts':
      return row.value;
  }
}

/** `[=MODE]` where the value may be left out: it must be attached then. */
export function optionalValueLabel(row: OptionRow): string | undefined {
  return 'whenBare' in row ? `[=${valueLabel(row)}]` : undefined;
}

/** undefined: there is none. Flags that are off unless given have nothing to say either. */
export function defaultLabel(row: OptionRow): string | undefined {
  if (row.kind === 'flag') return row.default === 'true' ? 'on' : undefined;
  return 'default' in row ? row.default : undefined;
}

/** Every way to name it on the command line, the letter first: `-p`, `--processes`, `--workers`. */
export function spellings(row: OptionRow): string[] {
  const letter = row.short === undefined ? [] : [`-${row.short}`];
  const negation = isNegatable(row) && row.kind === 'flag' && row.default === 'true';
  const names = [row.name, ...(row.aliases ?? []), ...(negation ? [`no-${row.name}`] : [])];
  return [...letter, ...names.map((name) => `--${name}`)];
}
