/**
 * Connections and servers of node:net under UNIX names. Abstract ones are made by the core: libuv of Node 20 fills such a
 * name up with NUL bytes, and no other program knows it then.
 */
import { connect, type Server, Socket } from 'node:net';
import { loadAddon } from './load.js';

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

/** Resolves when clients may connect. Rejects with what the system said. */
export async function listenAbstract(server: Server, name: string): Promise<void> {
  const backlog = 511;
  const access = { mode: -1, owner: -1, group: -1 };
  const { fd } = loadAddon().bindUnixListener({ name, abstractName: true, backlog, ...access });
  await new Promise<void>((resolve) => server.listen({ fd }, resolve));
}
