/** What the server says about itself. */
import type { OptionRow } from '../option-row.js';

export const STATS_OPTIONS = [
  {
    name: 'stats',
    aliases: ['stats-server'],
    kind: 'text',
    value: 'ADDRESS',
    scope: 'supervisor',
    reloadable: false,
    help: "write the server's state as JSON to whoever connects to this address (host:port, :port, or a path), then close",
    differs:
      'counters of a worker may be a quarter of a second old; there are no locks, caches and signals, and one core stands for all threads of a worker',
  },
  {
    name: 'stats-http',
    kind: 'flag',
    default: 'false',
    scope: 'supervisor',
    reloadable: true,
    help: 'answer on that address in HTTP',
  },
  {
    name: 'stats-minified',
    aliases: ['stats-min'],
    kind: 'flag',
    default: 'false',
    scope: 'supervisor',
    reloadable: true,
    help: 'write the JSON without white space',
  },
  {
    name: 'stats-no-cores',
    kind: 'flag',
    default: 'false',
    scope: 'supervisor',
    reloadable: true,
    help: 'leave the I/O loops of the workers out of it',
  },
  {
    name: 'memory-report',
    short: 'm',
    kind: 'flag',
    default: 'false',
    scope: 'native',
    reloadable: true,
    help: 'put the memory of the worker in front of request lines',
    differs: 'the memory in the statistics is always there',
  },
] as const satisfies readonly OptionRow[];
