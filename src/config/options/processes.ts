/** How many processes and threads serve. */
import type { OptionRow } from '../option-row.js';
import { MOST_WORKERS } from './ranges.js';

export const PROCESS_OPTIONS = [
  {
    name: 'master',
    short: 'M',
    kind: 'flag',
    default: 'false',
    scope: 'cli',
    reloadable: false,
    help: 'run a master process that supervises the workers',
  },
  {
    name: 'processes',
    aliases: ['workers'],
    short: 'p',
    kind: 'count',
    min: 1,
    max: MOST_WORKERS,
    default: '1',
    scope: 'supervisor',
    reloadable: false,
    help: 'number of workers; auto counts the CPUs this process may use (affinity and cgroup quota)',
    differs: 'more than one switches the master on; 0 is refused; auto is new',
  },
  {
    name: 'threads',
    kind: 'integer',
    min: 1,
    max: 64,
    cappedInFiles: true,
    default: '1',
    scope: 'native',
    reloadable: false,
    help: 'native I/O threads of each worker; 1 runs the I/O loop on the JavaScript thread',
    differs:
      'threads do the I/O; the application runs on one JavaScript thread of each worker; at most 64, and more in a file counts as 64, with a warning',
  },
] as const satisfies readonly OptionRow[];
