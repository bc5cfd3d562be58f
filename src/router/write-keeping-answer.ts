import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';

const HUNG_UP: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET']);

/**
 * Resolves when the kernel has taken all of `piece`; with false where the peer takes nothing any more.
 *
 * A backend may answer and close before it has read a body, and node:net throws away what has come as soon as a write of
 * its own fails. So the write that finds out is made here, and the socket lives on to read the answer; only what the
 * kernel has no room for is left to the socket, which reads before it writes again. A turn of the event loop lies
 * between two pieces: the answer may be there, and end the sending.
 */
export function writeKeepingAnswer(socket: Socket, piece: Buffer): Promise<boolean> {
  const left = socket.writableLength === 0 ? writeAtOnce(socket, piece) : piece;
  return new Promise((resolve) => {
    if (left === undefined) resolve(false);
    else if (left.length === 0) setImmediate(resolve, true);
    else socket.write(left, (error) => resolve(!(error instanceof Error)));
  });
}

/** What the kernel did not take; undefined: the peer has hung up. */
function writeAtOnce(socket: Socket, piece: Buffer): Buffer | undefined {
  const { _handle: handle } = socket as unknown as {
    readonly _handle?: { readonly fd: number } | null;
  };
  if (handle === undefined || handle === null) return piece;
  // The silence that the socket's limit is about begins anew.
  socket.setTimeout(socket.timeout ?? 0);
  let left = piece;
  try {
    while (left.length > 0) left = left.subarray(writeSync(handle.fd, left));
    return left;
  } catch (error) {
    // Any other error is for the socket to find and to tell; EAGAIN is none.
    return HUNG_UP.has((error as NodeJS.ErrnoException).code) ? undefined : left;
  }
}
