/** `--cache2` and `--cache`: what caches there are. */
import type { SharedCacheOptions } from '../binding/native.js';
import type { Config } from './config.js';
import { invalid, valid, type Parsed } from './parsed.js';

export interface CacheSettings extends SharedCacheOptions {
  readonly name: string;
}

const DEFAULT_BLOCK_BYTES = 64 * 1024;
const DEFAULT_KEY_BYTES = 2048;
const MOST = 2 ** 31;

/** uWSGI's spellings of one key. */
const ALIASES: Readonly<Record<string, string>> = {
  max_items: 'items',
  maxitems: 'items',
  purge_lru: 'lru',
};

const NUMBERS = new Set(['items', 'blocks', 'blocksize', 'keysize']);
const FLAGS = new Set(['bitmap', 'lru']);
/** How it is hashed is the cache's own affair; what has expired makes room at once, without a sweeper. */
const IGNORED = new Set([
  ...['hash', 'hashsize', 'hash_size'],
  ...['no_expire', 'expire_freq', 'lazy_expire', 'sweep_on_full', 'ignore_full'],
]);

const NOT_KEPT = 'caches live in memory, as long as the server';
const ONE_MACHINE = 'a cache belongs to one server: share values by a database such as Redis';

/** Keys of uWSGI that are not here, with the reason. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  store: NOT_KEPT,
  store_sync: NOT_KEPT,
  store_delete: NOT_KEPT,
  node: ONE_MACHINE,
  nodes: ONE_MACHINE,
  sync: ONE_MACHINE,
  udp: ONE_MACHINE,
  udp_servers: ONE_MACHINE,
  clear_on_full: 'with lru=1 the items that were not used for the longest time make room',
  math_initial: 'numbers begin at 0',
  last_modified: 'when an item was written is not kept',
  use_last_modified: 'when an item was written is not kept',
};

/** What the memory holds that workers share for their application. Lock 0 is always there. */
export function applicationMemoryPlan(
  config: Pick<Config, 'cache' | 'cache2' | 'cacheBlocksize' | 'locks'>,
) {
  return { locks: config.locks + 1, caches: cacheSettings(config) };
}

/** The caches in their order; only for a configuration that `validate` has seen. */
export function cacheSettings(config: Pick<Config, 'cache' | 'cache2' | 'cacheBlocksize'>) {
  const caches: CacheSettings[] = config.cache2.flatMap((text) => {
    const parsed = parseCache(text);
    return parsed.ok ? [parsed.value] : [];
  });
  if (config.cache > 0) caches.unshift(plainCache(config.cache, config.cacheBlocksize));
  return caches;
}

function plainCache(items: number, blockBytes: number): CacheSettings {
  const [keyBytes, severalBlocks, evicts] = [DEFAULT_KEY_BYTES, false, false];
  return { name: 'default', items, blocks: items, blockBytes, keyBytes, severalBlocks, evicts };
}

/** `name=sessions,items=1000,blocksize=4096,lru=1` */
export function parseCache(text: string): Parsed<CacheSettings> {
  const given = new Map<string, string>();
  for (const pair of text.split(',')) {
    const separator = pair.indexOf('=');
    const written = (separator < 0 ? pair : pair.slice(0, separator)).trim();
    const key = ALIASES[written] ?? written;
    const value = separator < 0 ? '1' : pair.slice(separator + 1).trim();
    const problem = checkPair(key, value);
    if (problem !== undefined) return invalid(problem);
    given.set(key, value);
  }
  return assemble(given);
}

function checkPair(key: string, value: string): string | undefined {
  if (key === 'name') return value === '' ? 'has an empty name' : undefined;
  if (NUMBERS.has(key))
    return sizeOf(value) === undefined ? `: ${key}=${value} is no number` : undefined;
  if (FLAGS.has(key)) return /^[01]$/.test(value) ? undefined : `: ${key} is 1 or 0, not ${value}`;
  if (IGNORED.has(key)) return undefined;
  const reason = ELSEWHERE[key];
  if (reason !== undefined) return `: ${key}= is not here: ${reason}`;
  return `: ${key}= is not known; there are name, items, blocks, blocksize, keysize, bitmap, lru`;
}

/** Suffixes k and m, as elsewhere. */
function sizeOf(text: string): number | undefined {
  const match = /^(\d+)([km]?)$/i.exec(text);
  const unit = { '': 1, k: 1024, m: 1024 ** 2 }[(match?.[2] ?? '').toLowerCase()] ?? 1;
  const value = Number(match?.[1]) * unit;
  return match !== null && value >= 1 && value <= MOST ? value : undefined;
}

function assemble(given: ReadonlyMap<string, string>): Parsed<CacheSettings> {
  const number = (key: string, otherwise: number): number =>
    sizeOf(given.get(key) ?? '') ?? otherwise;
  const name = given.get('name');
  const items = number('items', 0);
  if (name === undefined) return invalid('has no name=');
  if (items === 0) return invalid('has no items=, the number of items it can hold');
  return valid({
    name,
    items,
    blocks: number('blocks', items),
    blockBytes: number('blocksize', DEFAULT_BLOCK_BYTES),
    keyBytes: number('keysize', DEFAULT_KEY_BYTES),
    severalBlocks: given.get('bitmap') === '1',
    evicts: given.get('lru') === '1',
  });
}
