import { once } from 'node:events';
import { connect } from 'node:net';

/** Whether somebody accepts connections at a port of this machine, or at the path of a UNIX socket. */
export async function accepts(address: number | string): Promise<boolean> {
  const socket = typeof address === 'string' ? connect(address) : connect(address, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
