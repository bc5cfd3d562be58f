/** How web streams are read as bodies, and told that nobody reads on. */
import type { ReadableStream } from 'node:stream/web';

export interface StreamIterator {
  next(): Promise<IteratorResult<unknown, unknown>>;
  return(): Promise<void>;
}

/**
 * A web stream's own iterator would not be told to end before the piece that it waits for has come: an event stream whose
 * client left would run until its next event, or for ever. A reader is told at once.
 */
export function readerOf(stream: ReadableStream): StreamIterator {
  const reader = stream.getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<unknown, unknown>>,
    return: () => inItsOwnTurn(() => reader.cancel()),
  };
}

export function cancelStream(stream: ReadableStream): Promise<void> {
  return inItsOwnTurn(() => stream.cancel());
}

/**
 * What a read has just begun comes first: `Readable.toWeb` of Node 20 to 24 throws, where nobody can catch it, when it
 * finds its stream cancelled then.
 */
function inItsOwnTurn(action: () => Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => resolve(action()));
  });
}
