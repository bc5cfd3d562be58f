import type { Readable } from 'node:stream';

/**
 * Destroys a stream of the application that nobody will read. What it fails with is nobody's business any more, also where
 * it was destroyed before and has yet to say why: an opened file that is not there, say.
 */
export function abandonStream(stream: Readable): void {
  stream.on('error', () => undefined).destroy();
}
