/**
 * Connections and servers of node:net under UNIX names. Abstract ones are made by the core: libuv of Node 20 fills such a
 * name up with NUL bytes, and no other program knows it then.
 */
import { connect, type Server, Socket } from 'node:net';
import { loadAddon } from './load.js';
import type { UnixAccess } from './native.js';

/** Like `connect`, of a path or of a NUL character and an abstract name: tells what comes of it by events. */
export function connectUnix(path: string): Socket {
  return path.startsWith('\0') ? connectAbstract(path.slice(1)) : connect({ path });
}

function connectAbstract(name: string): Socket {
  try {
    const socket = new Socket({ fd: loadAddon().connectAbstract(name) });
    process.nextTick(() => {
      if (!socket.destroyed) socket.emit('connect');
    });
    return socket;
  } catch (error) {
    return new Socket().destroy(error as Error);
  }
}

/**
 * Resolves when clients may connect. Rejects with what the system said. A file stays when the server closes: libuv would
 * remove one that it made itself, also where another process goes on with the socket.
 */
export async function listenUnix(
  server: Server,
  name: string,
  access: UnixAccess | 'abstract',
): Promise<void> {
  const backlog = 511;
  const abstractName = access === 'abstract';
  const { mode, owner, group } = abstractName ? { mode: -1, owner: -1, group: -1 } : access;
  const options = { name, abstractName, backlog, mode, owner, group };
  const { fd } = loadAddon().bindUnixListener(options);
  await new Promise<void>((resolve) => server.listen({ fd }, resolve));
}
