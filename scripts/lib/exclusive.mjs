import { connect, createServer } from 'node:net';
import { createHash } from 'node:crypto';

/**
 * Runs `work` while no other process holds the same name, on this machine.
 *
 * The lock is an abstract UNIX socket: the kernel lets go of it when its process ends, however it ends, so a
 * killed build never leaves a stale lock file behind. Whoever waits connects to the holder and is told by the
 * closing connection.
 *
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function exclusively(name, work) {
  const path = `\0tsuwsgi-build-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
  const lock = await acquire(path);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function acquire(path) {
  for (;;) {
    const lock = await tryListen(path);
    if (lock) return lock;
    await holderGone(path);
  }
}

function tryListen(path) {
  const waiting = new Set();
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => waiting.delete(socket));
    });
    server.once('error', (error) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => {
      const release = () => {
        server.close();
        for (const socket of waiting) socket.destroy();
      };
      resolve({ release });
    });
  });
}

function holderGone(path) {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('error', () => undefined);
    socket.on('close', resolve);
    socket.resume();
  });
}
