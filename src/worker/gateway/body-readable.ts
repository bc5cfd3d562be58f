import { Readable } from 'node:stream';

/**
 * A request's body as a Node stream. As in node:http, an error that nobody listens for is no event: the stream closes
 * without 'end'. Otherwise every client that breaks off an upload would cause an uncaught exception.
 */
export function bodyReadable(
  body: AsyncIterable<Buffer>,
  unheard: (error: unknown) => void,
): Readable {
  const stream = Readable.from(body, { objectMode: false });
  const destroy = stream._destroy.bind(stream);
  stream._destroy = (reason, done) => {
    destroy(reason, (error) => {
      const heard = error === null || error === undefined || stream.listenerCount('error') > 0;
      if (!heard) unheard(error);
      done(heard ? error : null);
    });
  };
  return stream;
}
