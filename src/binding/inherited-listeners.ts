/** Listening sockets that the process was started with, and which of the configured addresses they stand for. */
import { resolve } from 'node:path';
import type { SocketAddress } from '../config/address.js';
import { ListenError } from '../errors.js';
import type { BoundListener, NativeAddon, Protocol } from './native.js';

/** A socket that was left open for this process. */
export interface InheritedListener {
  readonly fd: number;
  /** Where no configured address is its own. */
  readonly protocol: Protocol;
}

type Adopter = Pick<NativeAddon, 'adoptListener'>;

/** Throws ListenError with a sentence that says what kind of descriptor it is. */
export function adopt(fd: number, backlog: number, addon: Adopter): BoundListener {
  try {
    return addon.adoptListener(fd, backlog);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new ListenError(
      `cannot accept from the inherited descriptor ${fd}: ${WHY[code] ?? code}`,
      {
        cause,
      },
    );
  }
}

const WHY: Readonly<Record<string, string>> = {
  EBADF: 'it is not open',
  ENOTSOCK: 'it is not a socket',
  EPROTOTYPE: 'it is not a stream socket (ListenStream= in a socket unit makes one)',
  EINVAL: 'it does not listen (a socket unit needs Accept=no)',
  EAFNOSUPPORT: 'it is neither a UNIX nor an IP socket',
};

/** Whether the configured address, with its host resolved, is where the socket listens. */
export function listensAt(listener: BoundListener, address: SocketAddress): boolean {
  switch (address.kind) {
    case 'fd':
      return listener.fd === address.fd;
    case 'unix':
      if (listener.family !== 'unix') return false;
      if (address.abstractName) return listener.host === `@${address.name}`;
      return !listener.host.startsWith('@') && resolve(listener.host) === resolve(address.name);
    case 'tcp':
      return listener.family !== 'unix' && listensAtPort(listener, address.host, address.port);
  }
}

/** A service manager's `ListenStream=8080` is `[::]:8080`, which takes IPv4 as well: it is meant by `:8080`. */
function listensAtPort(listener: BoundListener, host: string, port: number): boolean {
  if (listener.port !== port) return false;
  const everywhere = listener.family === 'ipv6' && listener.host === '::';
  return canonical(host) === listener.host || (everywhere && host === '0.0.0.0');
}

/** `0:0::1` and `::1` are one address; the kernel writes the short form. */
function canonical(host: string): string {
  return host.includes(':') ? new URL(`http://[${host}]`).hostname.slice(1, -1) : host;
}
