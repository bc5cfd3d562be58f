/** What is logged and in which form. */
import type { OptionRow } from '../option-row.js';

export const LOGGING_OPTIONS = [
  {
    name: 'disable-logging',
    short: 'L',
    kind: 'flag',
    default: 'false',
    scope: 'native',
    reloadable: true,
    help: 'write no request lines',
  },
  {
    name: 'log-format',
    aliases: ['logformat'],
    kind: 'choice',
    choices: ['uwsgi', 'json'],
    default: 'uwsgi',
    scope: 'native',
    reloadable: true,
    help: "form of all log lines: uWSGI's text or one JSON object a line",
    differs: 'takes the name of a form; a text with %(variables) is accepted without effect',
    ignored: {
      pattern: /%\(/,
      reason: 'own formats are not implemented in this version; request lines have the usual form',
    },
  },
] as const satisfies readonly OptionRow[];
