/** Finds the row of the option table that a name, alias, letter or environment variable stands for. */
import { OPTIONS, type Option } from './options.js';
import type { OptionRow } from './option-row.js';
import { suggest } from './suggest.js';
import { foreignNames } from './uwsgi/foreign-index.js';

/** What a key stands for. */
export interface FoundOption {
  readonly row: Option;
  /** The key was `no-<name>`: the flag's value is to be inverted. */
  readonly negated: boolean;
}

const byName = new Map<string, FoundOption>();
const byLetter = new Map<string, Option>();

for (const row of OPTIONS) {
  for (const name of namesOf(row)) byName.set(name, { row, negated: false });
  const letter = letterOf(row);
  if (letter !== undefined) byLetter.set(letter, row);
}
for (const row of OPTIONS) {
  if (!isNegatable(row)) continue;
  const negation = `no-${row.name}`;
  if (!byName.has(negation)) byName.set(negation, { row, negated: true });
}

/** The name and its aliases. */
export function namesOf(row: OptionRow): readonly string[] {
  return [row.name, ...(row.aliases ?? [])];
}

function letterOf(row: OptionRow): string | undefined {
  return row.short;
}

/** An act, as `--help` is, cannot be switched off. */
export function isNegatable(row: OptionRow): boolean {
  return row.kind === 'flag' && row.commandLineOnly !== true;
}

export function isList(row: OptionRow): boolean {
  return row.kind === 'addresses' || row.kind === 'texts' || row.kind === 'pairs';
}

export function findByName(name: string): FoundOption | undefined {
  return byName.get(name);
}

export function findByLetter(letter: string): Option | undefined {
  return byLetter.get(letter);
}

/** `TSUWSGI_HTTP_SOCKET` → `http-socket`, given the part after the prefix. */
export function nameFromVariable(suffix: string): string {
  return suffix.toLowerCase().replaceAll('_', '-');
}

/** `http-socket` → `TSUWSGI_HTTP_SOCKET`. */
export function variableName(name: string): string {
  return `TSUWSGI_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** Every long name that is understood, negations included. */
export function knownNames(): IterableIterator<string> {
  return byName.keys();
}

/** Among the options, those of uWSGI that are known, and `more`. */
export function suggestName(unknown: string, more: readonly string[] = []): string | undefined {
  return suggest(unknown, knownNames()) ?? suggest(unknown, [...foreignNames(), ...more]);
}
