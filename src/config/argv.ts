/**
 * The command line as a source of settings, read as GNU getopt_long reads it for uWSGI: `--long value`, `--long=value`,
 * `-p 4`, `-p4`, letters in one word (`-Mp4`), `--` ends the options.
 *
 * Differences: names cannot be abbreviated (a later option would make them ambiguous), flags take a value after `=`
 * and have a `--no-` form, and a known option is never taken for the value of the one before it.
 */
import { findByLetter, findByName, suggestName, type FoundOption } from './option-index.js';
import type { Option } from './options.js';
import type { Reading } from './reading.js';
import type { Setting } from './setting.js';
import { BLOCK_KEYS } from './files/blocks.js';
import { looksLikeConfigFile } from './files/file-name.js';
import { findForeign, findForeignByLetter } from './uwsgi/foreign-index.js';
import type { ForeignOption } from './uwsgi/foreign-option.js';

const SEE_HELP = 'see --help for all of them';

/** What stands behind each. */
const COMMANDS: ReadonlyMap<string, string> = new Map([
  ['check', 'FILE'],
  ['nginx', 'FILE'],
  ['top', 'ADDRESS'],
]);

interface Cursor {
  readonly argv: readonly string[];
  /** Index of the argument that is being read; moves on where an option takes the next one as its value. */
  index: number;
  readonly settings: Setting[];
  readonly problems: string[];
}

export function readArgv(argv: readonly string[]): Reading {
  const cursor: Cursor = { argv, index: 0, settings: [], problems: [] };
  let optionsEnded = false;
  for (; cursor.index < argv.length; cursor.index++) {
    const argument = argv[cursor.index] ?? '';
    if (optionsEnded || argument === '-' || !argument.startsWith('-'))
      readPositional(cursor, argument);
    else if (argument === '--') optionsEnded = true;
    else if (argument.startsWith('--')) readLong(cursor, argument.slice(2));
    else readLetters(cursor, argument);
  }
  return { settings: cursor.settings, unknown: [], problems: cursor.problems };
}

function readLong(cursor: Cursor, argument: string): void {
  const separator = argument.indexOf('=');
  const name = separator < 0 ? argument : argument.slice(0, separator);
  const attached = separator < 0 ? undefined : argument.slice(separator + 1);
  const found = findByName(name);
  const foreign = found === undefined ? findForeign(name) : undefined;
  if (foreign !== undefined) {
    addForeign(cursor, foreign, `--${name}`, attached);
    return;
  }
  if (found === undefined) {
    rejectUnknown(cursor, name, attached);
    return;
  }
  if (found.negated && attached !== undefined) {
    cursor.problems.push(
      `--${name}=${attached}: takes no value; write --${name}, or --${found.row.name}=true or false`,
    );
    return;
  }
  addSetting(cursor, found, name, `--${name}`, attached);
}

function rejectUnknown(cursor: Cursor, name: string, attached: string | undefined): void {
  cursor.problems.push(`--${name}: no such option; ${hintFor(name)}`);
  if (attached === undefined) skipLikelyValue(cursor);
}

function hintFor(name: string): string {
  if (BLOCK_KEYS.includes(name)) return 'blocks are written in configuration files';
  const suggestion = suggestName(name);
  return suggestion === undefined ? SEE_HELP : `did you mean --${suggestion}?`;
}

/** The word after an unknown option is most likely its value: reporting that as well would only add noise. */
function skipLikelyValue(cursor: Cursor): void {
  const next = cursor.argv[cursor.index + 1];
  if (next !== undefined && !next.startsWith('-')) cursor.index++;
}

function readLetters(cursor: Cursor, argument: string): void {
  const name = argument.slice(1).split('=', 1)[0] ?? '';
  if (name.length > 1 && (findByName(name) ?? findForeign(name)) !== undefined) {
    cursor.problems.push(`${argument}: long options take two dashes: -${argument}`);
    if (!argument.includes('=') && findByName(name)?.row.kind !== 'flag') cursor.index++;
    return;
  }
  readCluster(cursor, argument);
}

function readCluster(cursor: Cursor, argument: string): void {
  for (let position = 1; position < argument.length; position++) {
    const letter = argument.charAt(position);
    const rest = argument.slice(position + 1);
    if (!readLetter(cursor, letter, rest === '' ? undefined : rest)) {
      if (!knownLetter(letter)) rejectLetter(cursor, argument, position);
      return;
    }
  }
}

/** `rest` is its value, unless it is a flag. Whether more letters follow. */
function readLetter(cursor: Cursor, letter: string, rest: string | undefined): boolean {
  const row = findByLetter(letter);
  const foreign = findForeignByLetter(letter);
  if (row !== undefined) {
    const flag = row.kind === 'flag';
    const attached = flag ? undefined : rest;
    addSetting(cursor, { row, negated: false }, row.name, `-${letter}/--${row.name}`, attached);
    return flag;
  }
  if (foreign === undefined) return false;
  const flag = foreign.takes === 'flag';
  addForeign(cursor, foreign, `-${letter}/--${foreign.name}`, flag ? undefined : rest);
  return flag;
}

function knownLetter(letter: string): boolean {
  return findByLetter(letter) !== undefined || findForeignByLetter(letter) !== undefined;
}

/** An optional value stands behind an equals sign, as uWSGI wants it. */
function addForeign(
  cursor: Cursor,
  option: ForeignOption,
  spelled: string,
  attached: string | undefined,
): void {
  const origin = { source: 'command line', index: cursor.index, spelled } as const;
  const next = cursor.argv[cursor.index + 1];
  const separate = option.takes === 'value' && attached === undefined && !startsOption(next);
  if (separate && next !== undefined) cursor.index++;
  cursor.settings.push({
    key: option.name,
    value: attached ?? (separate ? next : undefined),
    origin,
  });
}

function rejectLetter(cursor: Cursor, argument: string, position: number): void {
  const letter = argument.charAt(position);
  const where = argument.length > 2 ? ` (in ${argument})` : '';
  cursor.problems.push(`-${letter}: no such option${where}; ${SEE_HELP}`);
  if (position === argument.length - 1) skipLikelyValue(cursor);
}

function addSetting(
  cursor: Cursor,
  found: FoundOption,
  key: string,
  spelled: string,
  attached: string | undefined,
): void {
  const origin = { source: 'command line', index: cursor.index, spelled } as const;
  if (found.row.kind === 'flag' || 'whenBare' in found.row || attached !== undefined) {
    cursor.settings.push({ key, value: attached, origin });
    return;
  }
  const next = cursor.argv[cursor.index + 1];
  if (next === undefined || startsOption(next)) {
    cursor.problems.push(missingValue(found.row, spelled, next));
    return;
  }
  cursor.index++;
  cursor.settings.push({ key, value: next, origin });
}

function missingValue(row: Option, spelled: string, next: string | undefined): string {
  const example = `--${row.name}=${next}`;
  const after =
    next === undefined ? '' : `, but ${next} follows (if that is the value, write ${example})`;
  return `${spelled}: needs a value${row.kind === 'addresses' ? ' such as :8080' : ''}${after}`;
}

/** Whether the argument is an option that exists; a negative number or an odd file name is not. */
function startsOption(argument: string | undefined): boolean {
  if (argument === undefined || argument.length < 2 || !argument.startsWith('-')) return false;
  if (argument === '--') return true;
  if (!argument.startsWith('--')) return knownLetter(argument.charAt(1));
  const name = argument.slice(2).split('=', 1)[0] ?? '';
  return findByName(name) !== undefined || findForeign(name) !== undefined;
}

function readPositional(cursor: Cursor, argument: string): void {
  if (looksLikeConfigFile(argument)) {
    const origin = { source: 'command line', index: cursor.index, spelled: argument } as const;
    cursor.settings.push({ key: 'include', value: argument, origin });
    return;
  }
  cursor.problems.push(`${argument}: ${explainPositional(argument, previousFlag(cursor))}`);
}

function explainPositional(argument: string, flag: string | undefined): string {
  const operand = COMMANDS.get(argument);
  if (operand !== undefined)
    return `is a command when it stands first, with more behind it: tsuwsgi-native ${argument} ${operand}`;
  if (/\.[mc]?[jt]sx?$/.test(argument)) return `name the application with --wsgi-file ${argument}`;
  if (/\.(py|wsgi|pyc)$/.test(argument))
    return 'is Python; name an application for Node.js with --wsgi-file';
  if (/^[\u2010-\u2015\u2212]/.test(argument)) {
    return `starts with a typographic dash; options start with "-" or "--"`;
  }
  if (flag !== undefined) {
    return `unexpected argument; ${flag} takes a value only as ${flag}=${argument}`;
  }
  if (/^[\w.[\]:-]*:\d+$/.test(argument)) {
    return `unexpected argument; did you mean --http-socket ${argument}?`;
  }
  if (/^[\w./@-]+:\w+(\(\))?$/.test(argument)) {
    return `unexpected argument; did you mean --module ${argument}?`;
  }
  return 'unexpected argument; every value belongs to an option, see --help';
}

/** The flag just before the argument, where somebody may have wanted to give it a value. */
function previousFlag(cursor: Cursor): string | undefined {
  const last = cursor.settings.at(-1);
  if (last?.origin.source !== 'command line' || last.origin.index !== cursor.index - 1)
    return undefined;
  const found = findByName(last.key);
  if (found === undefined || found.negated || last.value !== undefined) return undefined;
  if (found.row.kind !== 'flag' && !('whenBare' in found.row)) return undefined;
  return `--${last.key}`;
}
