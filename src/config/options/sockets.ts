/** Addresses and how they are waited on. */
import type { OptionRow } from '../option-row.js';

export const SOCKET_OPTIONS = [
  {
    name: 'http-socket',
    aliases: ['http11-socket'],
    kind: 'addresses',
    scope: 'supervisor',
    reloadable: false,
    help: 'accept HTTP on this address: host:port, :port or [v6]:port; port 0 takes a free one; may be repeated',
    differs: 'speaks HTTP/1.1 with keep-alive; uWSGI closes after every response',
  },
  {
    name: 'listen',
    short: 'l',
    kind: 'integer',
    min: 1,
    max: 65_535,
    default: '1024',
    scope: 'supervisor',
    reloadable: false,
    help: "length of the kernel's accept queue, for each queue of each address",
    differs:
      'uWSGI: 100, and above net.core.somaxconn it does not start; here the kernel caps it and a warning says so',
  },
] as const satisfies readonly OptionRow[];
