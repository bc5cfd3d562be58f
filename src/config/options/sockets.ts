/** Addresses and how they are waited on. */
import type { OptionRow } from '../option-row.js';

export const SOCKET_OPTIONS = [
  {
    name: 'socket',
    short: 's',
    kind: 'addresses',
    scope: 'supervisor',
    reloadable: false,
    help: 'accept requests of a front server (--protocol) on this address: host:port, :port, [v6]:port, a path, @name; may be repeated',
    differs:
      'a path may contain colons where it begins with / or ./; a host of digits alone, as 8080, is a mistake, not a file',
  },
  {
    name: 'uwsgi-socket',
    kind: 'addresses',
    scope: 'supervisor',
    reloadable: false,
    help: 'the same with the uwsgi protocol, whatever --protocol says',
  },
  {
    name: 'http-socket',
    aliases: ['http11-socket'],
    kind: 'addresses',
    scope: 'supervisor',
    reloadable: false,
    help: 'accept HTTP on this address; port 0 takes a free one; may be repeated',
    differs:
      'speaks HTTP/1.1 with keep-alive; uWSGI closes after every response. Over a UNIX socket REMOTE_ADDR is empty (uWSGI: 0.0.0.0)',
  },
  {
    name: 'protocol',
    aliases: ['socket-protocol'],
    kind: 'choice',
    choices: ['uwsgi', 'http'],
    default: 'uwsgi',
    scope: 'supervisor',
    reloadable: false,
    help: 'what is spoken on the addresses of --socket, and on inherited sockets that no option names',
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
  {
    name: 'abstract-socket',
    short: 'a',
    kind: 'flag',
    default: 'false',
    scope: 'supervisor',
    reloadable: false,
    help: "take paths of UNIX sockets for names in Linux's abstract name space, where there are no files",
  },
  {
    name: 'chmod-socket',
    aliases: ['chmod'],
    short: 'C',
    kind: 'octal',
    whenBare: '666',
    scope: 'supervisor',
    reloadable: false,
    help: "mode of UNIX sockets' files; without a value 666. Not given: 777 without the bits of the umask",
    differs: 'four digits as in 0660 are understood too',
  },
  {
    name: 'chown-socket',
    kind: 'text',
    value: 'USER[:GROUP]',
    scope: 'supervisor',
    reloadable: false,
    help: "owner of UNIX sockets' files, by name or number; USER, USER:GROUP or :GROUP",
    differs:
      'without it the files belong to --uid and --gid, where those are given: sockets are bound before privileges are dropped',
  },
] as const satisfies readonly OptionRow[];
