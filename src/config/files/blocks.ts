/** Blocks of configuration files: `for…` repeats its lines, `if…` keeps or drops them. Blocks do not nest. */
import type { Host } from '../host.js';
import type { Environment } from '../option-row.js';
import { type Parsed, invalid, valid } from '../parsed.js';

/** For `%(_)`: one entry a turn. undefined: a turn that leaves `%(_)` alone. */
export type Turns = readonly (string | undefined)[];

export interface BlockContext {
  readonly env: Environment;
  readonly host: Host;
  /** Value of the first pair with this key; undefined: none. */
  readonly lookup: (key: string) => string | undefined;
  /** Marks a key as used, so that it may be a placeholder. */
  readonly use: (key: string) => void;
}

type Opener = (value: string, context: BlockContext) => Parsed<Turns>;

/** What a block may be repeated at most. */
const MOST_TURNS = 10_000;

/** What a condition finds; `item` is for `%(_)`, on both sides of the condition as in uWSGI. */
interface Finding {
  readonly holds: boolean;
  readonly item: string | undefined;
}

const CONDITIONS: Readonly<Record<string, (value: string, context: BlockContext) => Finding>> = {
  env: (value, { env }) => equals(value, (name) => env[name]),
  exists: (path, { host }) => ({ holds: host.look(path) !== undefined, item: path }),
  file: (path, { host }) => ({ holds: host.look(path) === 'file', item: path }),
  dir: (path, { host }) => ({ holds: host.look(path) === 'directory', item: path }),
  opt: (value, context) => equals(value, (key) => lookUp(key, context)),
  hostname: (name, { host }) => ({ holds: host.facts().hostname === name, item: name }),
  plugin: (name) => ({ holds: false, item: name }),
  reload: () => ({ holds: false, item: undefined }),
};

const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['ifenv', 'if-env'],
  ['ifexists', 'if-exists'],
  ['ifdir', 'if-dir'],
  ['if-directory', 'if-dir'],
  ['ifplugin', 'if-plugin'],
]);

const OPENERS: ReadonlyMap<string, Opener> = new Map([
  ...Object.entries(CONDITIONS).flatMap(([name, examine]): [string, Opener][] => [
    [`if-${name}`, (value, context) => valid(whenHolding(examine(value, context)))],
    [`if-not-${name}`, (value, context) => valid(unlessHolding(examine(value, context)))],
  ]),
  ['if-hostname-match', (value, context) => matchHostname(value, context, whenHolding)],
  ['if-not-hostname-match', (value, context) => matchHostname(value, context, unlessHolding)],
  ['for', (value) => valid(value.split(/[ \t]+/).filter((word) => word !== ''))],
  ['for-glob', (value, { host }) => valid(host.glob(value))],
  ['for-times', (value) => countTo(value)],
  ['for-readline', (value, context) => linesOf(value, context)],
]);

const CLOSERS: ReadonlySet<string> = new Set(['endif', 'end-if', 'endfor', 'end-for', 'end']);

/** Every key that belongs to a block, also the ones that end it. */
export const BLOCK_KEYS: readonly string[] = [
  ...OPENERS.keys(),
  ...SPELLINGS.keys(),
  ...CLOSERS,
  'else',
];

export function opensBlock(key: string): boolean {
  return OPENERS.has(SPELLINGS.get(key) ?? key);
}

export function closesBlock(key: string): boolean {
  return CLOSERS.has(key);
}

/** How often the lines of the block that `key = value` opens are taken, and with which `%(_)`. */
export function turnsOf(key: string, value: string, context: BlockContext): Parsed<Turns> {
  const turns =
    OPENERS.get(SPELLINGS.get(key) ?? key)?.(value, context) ?? invalid('opens no block');
  if (turns.ok && turns.value.length > MOST_TURNS)
    return invalid(`has more than ${MOST_TURNS} turns`);
  return turns;
}

function whenHolding({ holds, item }: Finding): Turns {
  return holds ? [item] : [];
}

function unlessHolding({ holds, item }: Finding): Turns {
  return holds ? [] : [item];
}

/** `NAME` asks whether it is there, `NAME=VALUE` for that value. */
function equals(text: string, lookup: (name: string) => string | undefined): Finding {
  const separator = text.indexOf('=');
  const item = lookup((separator < 0 ? text : text.slice(0, separator)).trim());
  const wanted = separator < 0 ? item : text.slice(separator + 1).trim();
  return { holds: item !== undefined && item === wanted, item };
}

function lookUp(key: string, { lookup, use }: BlockContext): string | undefined {
  use(key);
  return lookup(key);
}

function matchHostname(
  pattern: string,
  { host }: BlockContext,
  outcome: (finding: Finding) => Turns,
): Parsed<Turns> {
  try {
    const holds = new RegExp(pattern).test(host.facts().hostname);
    return valid(outcome({ holds, item: pattern }));
  } catch {
    return invalid('is no regular expression');
  }
}

function countTo(text: string): Parsed<Turns> {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  if (count === undefined) return invalid('is not a whole number');
  if (count > MOST_TURNS) return invalid(`is too large; accepted: 0 to ${MOST_TURNS}`);
  return valid(Array.from({ length: count }, (_, index) => String(index + 1)));
}

/** An empty file has no line. */
function linesOf(path: string, { host }: BlockContext): Parsed<Turns> {
  const text = host.readFile(path);
  if (text === undefined) return invalid('cannot be read');
  if (text === '') return valid([]);
  return valid(
    text
      .replace(/\r?\n$/, '')
      .split(/\r?\n/)
      .slice(0, MOST_TURNS + 1),
  );
}
