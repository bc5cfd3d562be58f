/** What applications share through the package's functions (docs/application-module.md). */
import type { OptionRow } from '../option-row.js';
import { parseCache } from '../cache-settings.js';
import { parseCron, parseCron2 } from '../cron-settings.js';
import { GIBIBYTE } from './ranges.js';

const MOST_LOCKS = 4096;
const MOST_ITEMS = 100_000_000;

export const APPLICATION_MODULE_OPTIONS = [
  {
    name: 'locks',
    kind: 'integer',
    min: 0,
    max: MOST_LOCKS,
    default: '0',
    scope: 'supervisor',
    reloadable: false,
    help: 'locks that applications have besides lock 0 (lock() of the package): with 4, locks 0 to 4',
  },
  {
    name: 'cache2',
    kind: 'texts',
    value: 'KEY=VALUE,…',
    rule: parseCache,
    scope: 'supervisor',
    reloadable: false,
    help: 'a cache of all workers: name=sessions,items=1000, also blocksize, blocks, keysize, bitmap=1, lru=1; may be repeated',
    differs:
      'without store, nodes, sync and udp; numbers are kept as decimal text; what has expired is gone at once, without a sweeper',
  },
  {
    name: 'cache',
    kind: 'integer',
    min: 0,
    max: MOST_ITEMS,
    default: '0',
    scope: 'supervisor',
    reloadable: false,
    help: 'a cache named default with so many items; 0: none',
  },
  {
    name: 'cache-blocksize',
    kind: 'size',
    min: 64,
    max: GIBIBYTE,
    default: '64k',
    scope: 'supervisor',
    reloadable: false,
    help: 'longest value of the cache that --cache makes',
  },
  {
    name: 'cron',
    kind: 'texts',
    value: 'MINUTE HOUR DAY MONTH WEEKDAY COMMAND',
    rule: (text) => parseCron(text, false),
    scope: 'supervisor',
    reloadable: false,
    help: 'run this shell command then; -1 is every, -N every Nth, or five fields as in crontab(5); may be repeated',
  },
  {
    name: 'cron2',
    kind: 'texts',
    value: 'KEY=VALUE,… COMMAND',
    rule: parseCron2,
    scope: 'supervisor',
    reloadable: false,
    help: 'the same with minute=, hour=, day=, month=, week= (every where not given), unique=1 and harakiri=SECONDS; may be repeated',
  },
  {
    name: 'unique-cron',
    kind: 'texts',
    value: 'MINUTE HOUR DAY MONTH WEEKDAY COMMAND',
    rule: (text) => parseCron(text, true),
    scope: 'supervisor',
    reloadable: false,
    help: 'as cron, but not while the command of the last time still runs; may be repeated',
  },
] as const satisfies readonly OptionRow[];
