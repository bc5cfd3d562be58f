/** Listening sockets that a running server left to this process, the one that is to take its place. */
import type { ListenAddress } from '../config/listen-addresses.js';
import { socketsOf, type BoundQueues, type ListenerFacts } from './bound-queues.js';
import { adopt, listensAt } from './inherited-listeners.js';
import type { BoundListener, NativeAddon } from './native.js';

/** An address of a running server with its sockets, left to the server that is to take its place. */
export interface KeptListener extends ListenerFacts {
  /** In the order of slots and I/O loops. */
  readonly fds: readonly number[];
  /** A UNIX socket whose file was made by the server. */
  readonly ownsFile: boolean;
}

export interface AdoptedListener {
  readonly kept: KeptListener;
  /** One for each descriptor. */
  readonly sockets: readonly BoundListener[];
}

/** Throws ListenError. The descriptors are this process's own from now on: its children do not get them unasked. */
export function adoptKept(
  kept: readonly KeptListener[],
  backlog: number,
  addon: Pick<NativeAddon, 'adoptListener'>,
): AdoptedListener[] {
  return kept.map((listener) => ({
    kept: listener,
    sockets: listener.fds.map((fd) => adopt(fd, backlog, addon)),
  }));
}

/** Whether the sockets listen where the configured address is; port 0 is known by how it was written. */
export function standsFor({ kept, sockets }: AdoptedListener, address: ListenAddress): boolean {
  if (address.kind === 'tcp' && address.port === 0) {
    return kept.family === 'tcp' && kept.autoPort && kept.text === address.text;
  }
  return sockets.some((socket) => listensAt(socket, address));
}

/** The addresses of a server with their sockets, to be left to the next one. Private sockets are not. */
export function keptListeners(bound: BoundQueues): KeptListener[] {
  return bound.listeners.flatMap((listener, index) => {
    if (listener.family === 'unix' && listener.host === PRIVATE_HOST) return [];
    const named = listener.family === 'unix' && !listener.host.startsWith('@');
    const fds = socketsOf(bound, index);
    return [{ ...listener, fds, ownsFile: named && !listener.inherited }];
  });
}

/** Whether every address that is left has the number that it had: what came through it can be handed over. */
export function keepsNumbers(
  left: readonly KeptListener[],
  { listeners }: Pick<BoundQueues, 'listeners'>,
): boolean {
  return left.every(({ host, port }, number) => {
    const now = listeners[number];
    return now === undefined || (now.host === host && now.port === port);
  });
}

/** Stands for the address of sockets between routers and workers. */
export const PRIVATE_HOST = '(private)';
