/** What follows the word `top` on the command line. */
import { ConfigError } from '../../errors.js';
import { SORT_KEYS, type SortKey } from './screen.js';

export interface TopArguments {
  readonly address: string;
  readonly intervalMs: number;
  readonly once: boolean;
  readonly sort: SortKey;
}

const USAGE =
  'usage: tsuwsgi-native top ADDRESS [--interval SECONDS] [--once] [--sort worker|requests|latency|utilisation|memory]';
const SHORTEST_MS = 100;

/** Throws a ConfigError that shows the usage. */
export function readTopArguments(argv: readonly string[]): TopArguments {
  const words = argv.flatMap((word) => (/^--\w+=/.test(word) ? splitOnce(word) : [word]));
  let address: string | undefined;
  let intervalMs = 1000;
  let once = false;
  let sort: SortKey = 'i';
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--once') once = true;
    else if (word === '--interval') intervalMs = readInterval(words.shift());
    else if (word === '--sort') sort = readSort(words.shift());
    else if (word.startsWith('--') || address !== undefined) throw usage(`top: ${word}?`);
    else address = word;
  }
  if (address === undefined) throw usage('top: name the address of --stats');
  return { address, intervalMs, once, sort };
}

function splitOnce(word: string): string[] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}

function readInterval(text: string | undefined): number {
  const ms = Number(text) * 1000;
  if (text === undefined || text === '' || !(ms >= SHORTEST_MS && ms <= 3_600_000))
    throw usage(`top: --interval ${text ?? ''} is not a number of seconds from 0.1 to 3600`);
  return ms;
}

function readSort(text: string | undefined): SortKey {
  const keys = Object.keys(SORT_KEYS) as SortKey[];
  const found = keys.find((key) => key === text || SORT_KEYS[key] === text);
  if (found === undefined) throw usage(`top: --sort ${text ?? ''}: there is no such order`);
  return found;
}

function usage(problem: string): ConfigError {
  return new ConfigError([problem, USAGE]);
}
