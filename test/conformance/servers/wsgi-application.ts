import { handle, type Answer } from './behaviour.js';

type Environ = Readonly<Record<string, unknown>>;
type Write = (data: Uint8Array) => void;
type StartResponse = (status: string, headers: [string, string][]) => Write;

/** The application of the comparison as a WSGI callable. */
export function application(environ: Environ, startResponse: StartResponse): Iterable<Uint8Array> {
  const input = environ['wsgi.input'] as { read(): Buffer };
  const answer = handle({
    peer: text(environ, 'REMOTE_ADDR'),
    method: text(environ, 'REQUEST_METHOD'),
    target: text(environ, 'REQUEST_URI'),
    body: Buffer.from(input.read()),
    header: (name) => environ[environKey(name)] as string | undefined,
  });
  startResponse(
    `${answer.status} Answer`,
    answer.headers.map(([name, value]) => [name, value]),
  );
  return body(answer);
}

function environKey(name: string): string {
  return `HTTP_${name.toUpperCase().replaceAll('-', '_')}`;
}

function text(environ: Environ, key: string): string {
  const value = environ[key];
  return typeof value === 'string' ? value : '';
}

/** A list of pieces has a known length only where it is an array: a generator hides it. */
function body(answer: Answer): Iterable<Uint8Array> {
  return answer.streamed ? pieces(answer) : [Buffer.concat([...answer.pieces])];
}

function* pieces(answer: Answer): Generator<Uint8Array> {
  yield* answer.pieces;
}
