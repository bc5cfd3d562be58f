/** What sd_listen_fds(3) says: a service manager leaves listening sockets open for the process it starts. */
import type { Protocol } from '../binding/native.js';
import type { Environment } from './option-row.js';

/** Sockets begin behind the standard streams. */
const FIRST_FD = 3;

export interface InheritedSocket {
  readonly fd: number;
  /** `FileDescriptorName=` of the socket unit; by default the unit's name. */
  readonly name: string;
}

export interface Activation {
  /** Empty where the variables are not set, or are meant for another process. */
  readonly sockets: readonly InheritedSocket[];
  /** Continues a sentence where sockets were left for another process, a wrapper in between; else empty. */
  readonly remark: string;
  /** A running server, whose place this process takes, leaves sockets that it was given so. */
  readonly left?: true;
}

/** Set for a server that takes the place of a running one. */
export const LEFT_SOCKETS = 'TSUWSGI_INTERNAL_LEFT_SOCKETS';

/** `pid`: of this process, the only one that the variables may mean. */
export function readActivation(env: Environment, pid: number): Activation {
  const meant = env['LISTEN_PID'];
  const text = env['LISTEN_FDS'] ?? '';
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (env[LEFT_SOCKETS] !== undefined) return { sockets: [], remark: '', left: true };
  if (meant === undefined || count === 0) return { sockets: [], remark: '' };
  if (Number(meant) !== pid) return { sockets: [], remark: misdirected(meant, pid) };
  const names = (env['LISTEN_FDNAMES'] ?? '').split(':');
  const sockets = Array.from({ length: count }, (_, index) => ({
    fd: FIRST_FD + index,
    name: names[index] ?? '',
  }));
  return { sockets, remark: '' };
}

function misdirected(meant: string, pid: number): string {
  return (
    `; LISTEN_FDS names sockets for process ${meant}, this is ${pid}: ` +
    'let the service manager start the server itself (ExecStart= without npm, npx or --daemonize)'
  );
}

/** A socket unit says by `FileDescriptorName=http` or `uwsgi` what is spoken on a socket that no option names. */
export function protocolOf({ name }: InheritedSocket, otherwise: Protocol): Protocol {
  return name === 'http' || name === 'uwsgi' ? name : otherwise;
}
