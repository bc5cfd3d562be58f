import type { Environ, ResponseBody, StartResponse } from '../../../src/app/types.js';
import { handle, type Answer } from './behaviour.js';

/** The application of the comparison as a WSGI callable, for buffered bodies. */
export function application(environ: Environ, startResponse: StartResponse): ResponseBody {
  return respond(environ, environ['wsgi.input'].read(), startResponse);
}

/** The same for bodies that come as a stream (`--post-buffering 0`): it runs when the body is complete. */
export async function streaming(
  environ: Environ,
  startResponse: StartResponse,
): Promise<ResponseBody> {
  const pieces: Buffer[] = [];
  for await (const piece of environ['wsgi.input']) pieces.push(piece);
  return respond(environ, Buffer.concat(pieces), startResponse);
}

function respond(environ: Environ, body: Buffer, startResponse: StartResponse): ResponseBody {
  const { status, headers, pieces, streamed } = handle({
    peer: environ.REMOTE_ADDR,
    method: environ.REQUEST_METHOD,
    target: environ.REQUEST_URI,
    body,
    header: (name) => environ[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`],
  });
  startResponse(`${status} Answer`, headers);
  return streamed ? generate(pieces) : Buffer.concat([...pieces]);
}

/** A generator's length is not known in advance. */
function* generate(pieces: Answer['pieces']): Generator<Uint8Array> {
  yield* pieces;
}
