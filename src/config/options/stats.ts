/** What the server says about itself. */
import type { OptionRow } from '../option-row.js';
import { parseStatsPlace } from '../stats-place.js';

export const STATS_OPTIONS = [
  {
    name: 'stats',
    aliases: ['stats-server'],
    kind: 'texts',
    value: 'ADDRESS',
    rule: parseStatsPlace,
    scope: 'supervisor',
    reloadable: false,
    help: "write the server's state as JSON to whoever connects to this address (host:port, :port, path, @name), then close; may be repeated",
    differs: 'much is told that uWSGI does not know (docs/stats.md)',
  },
  {
    name: 'stats-http',
    kind: 'flag',
    default: 'false',
    scope: 'supervisor',
    reloadable: true,
    help: 'speak HTTP there: a page for browsers, /stats, /metrics for Prometheus, and /live, /ready and /startup for probes',
    differs:
      'there is no Access-Control-Allow-Origin, so pages of other origins cannot read what a server does; paths that do not exist are 404',
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
    help: 'leave the I/O loops of the workers (cores) out of it',
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
