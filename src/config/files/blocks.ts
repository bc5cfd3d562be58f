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

const CONDITIONS: Readonly<
  Record<string, (value: string, context: BlockContext) => string | undefined>
> = {
  env: (value, { env }) => equals(value, (name) => env[name]),
  exists: (path, { host }) => (host.look(path) === undefined ? undefined : path),
  file: (path, { host }) => (host.look(path) === 'file' ? path : undefined),
  dir: (path, { host }) => (host.look(path) === 'directory' ? path : undefined),
  opt: (value, context) => equals(value, (key) => lookUp(key, context)),
  hostname: (name, { host }) => (host.facts().hostname === name ? name : undefined),
  plugin: () => undefined,
  reload: () => undefined,
};

const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['ifenv', 'if-env'],
  ['ifexists', 'if-exists'],
  ['ifdir', 'if-dir'],
  ['if-directory', 'if-dir'],
  ['ifplugin', 'if-plugin'],
]);

const OPENERS: ReadonlyMap<string, Opener> = new Map([
  ...Object.entries(CONDITIONS).flatMap(([name, holds]): [string, Opener][] => [
    [`if-${name}`, (value, context) => valid(whenFound(holds(value, context)))],
    [`if-not-${name}`, (value, context) => valid(unlessFound(holds(value, context)))],
  ]),
  ['if-hostname-match', (value, context) => matchHostname(value, context, whenFound)],
  ['if-not-hostname-match', (value, context) => matchHostname(value, context, unlessFound)],
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

function whenFound(item: string | undefined): Turns {
  return item === undefined ? [] : [item];
}

function unlessFound(item: string | undefined): Turns {
  return item === undefined ? [undefined] : [];
}

/** `NAME` asks whether it is there, `NAME=VALUE` for that value. */
function equals(text: string, lookup: (name: string) => string | undefined): string | undefined {
  const separator = text.indexOf('=');
  if (separator < 0) return lookup(text.trim());
  const value = lookup(text.slice(0, separator).trim());
  return value === text.slice(separator + 1).trim() ? value : undefined;
}

function lookUp(key: string, { lookup, use }: BlockContext): string | undefined {
  use(key);
  return lookup(key);
}

function matchHostname(
  pattern: string,
  { host }: BlockContext,
  outcome: (item: string | undefined) => Turns,
): Parsed<Turns> {
  try {
    return valid(outcome(new RegExp(pattern).test(host.facts().hostname) ? pattern : undefined));
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

function linesOf(path: string, { host }: BlockContext): Parsed<Turns> {
  const text = host.readFile(path);
  if (text === undefined) return invalid('cannot be read');
  return valid(
    text
      .replace(/\n$/, '')
      .split('\n')
      .slice(0, MOST_TURNS + 1),
  );
}
