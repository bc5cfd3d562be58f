/** Finds what is known about an option of uWSGI that has no row of its own. */
import type { ForeignGroup, ForeignOption } from './foreign-option.js';
import { NO_EFFECT } from './no-effect.js';
import { NOT_IMPLEMENTED } from './not-implemented.js';
import { REFUSED } from './refused.js';

export const FOREIGN_GROUPS: readonly ForeignGroup[] = [
  ...NO_EFFECT,
  ...NOT_IMPLEMENTED,
  ...REFUSED,
];

/** uWSGI's letters for them. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['H', 'virtualenv'],
  ['T', 'enable-threads'],
  ['i', 'single-interpreter'],
  ['O', 'optimize'],
  ['J', 'test'],
  ['r', 'reaper'],
  ['v', 'max-vars'],
  ['c', 'cgi-mode'],
  ['A', 'sharedarea'],
  ['Q', 'spooler'],
  ['x', 'xml'],
]);

const byName = new Map<string, ForeignOption>();
const families: { readonly start: string; readonly group: ForeignGroup }[] = [];

for (const group of FOREIGN_GROUPS) {
  for (const option of optionsOf(group)) byName.set(option.name, option);
  for (const start of group.families ?? []) families.push({ start, group });
}

/** The options that the group names; its families are not among them. */
export function optionsOf({
  verdict,
  text,
  flags,
  values,
  optional,
}: ForeignGroup): ForeignOption[] {
  const named = (names: readonly string[] | undefined, takes: ForeignOption['takes']) =>
    (names ?? []).map((name) => ({ name, takes, verdict, text }));
  return [...named(flags, 'flag'), ...named(values, 'value'), ...named(optional, 'optional')];
}

export function findForeign(name: string): ForeignOption | undefined {
  const known = byName.get(name);
  if (known !== undefined) return known;
  const family = families.find(({ start }) => name.startsWith(start));
  if (family === undefined) return undefined;
  const { verdict, text } = family.group;
  return { name, takes: 'value', verdict, text };
}

export function findForeignByLetter(letter: string): ForeignOption | undefined {
  return byName.get(LETTERS.get(letter) ?? '');
}

export function foreignNames(): IterableIterator<string> {
  return byName.keys();
}
