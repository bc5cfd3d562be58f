/** The command line itself. */
import type { OptionRow } from '../option-row.js';

export const GENERAL_OPTIONS = [
  {
    name: 'strict',
    kind: 'flag',
    default: 'true',
    scope: 'cli',
    reloadable: false,
    help: 'an unknown option in the environment is an error; off: a warning',
    differs: 'on unless switched off',
  },
  {
    name: 'show-config',
    kind: 'flag',
    default: 'false',
    scope: 'cli',
    reloadable: false,
    help: 'print every value and where it came from, then start',
    differs: 'prints the final values with their sources; uWSGI prints the pairs as they were read',
  },
  {
    name: 'help',
    aliases: ['usage'],
    short: 'h',
    kind: 'flag',
    default: 'false',
    scope: 'cli',
    reloadable: false,
    commandLineOnly: true,
    help: 'print this help and exit',
  },
  {
    name: 'version',
    kind: 'flag',
    default: 'false',
    scope: 'cli',
    reloadable: false,
    commandLineOnly: true,
    help: 'print the version and exit',
  },
] as const satisfies readonly OptionRow[];
