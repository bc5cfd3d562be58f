import { createServer, type Server, type Socket } from 'node:net';
import { appendAnswer } from './cgi-answer.js';
import { handle } from './behaviour.js';

/**
 * The application behind nginx, over SCGI: a length-prefixed block of variables and a body of known length, so that no
 * second HTTP parser stands between nginx and what is observed.
 */
export function createScgiApplication(): Server {
  return createServer((socket) => {
    let data = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes: Buffer) => {
      data = Buffer.concat([data, bytes]);
      const request = parse(data);
      if (request !== undefined) respond(socket, request);
    });
  });
}

interface ScgiRequest {
  readonly variables: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** undefined: more bytes have to come. */
function parse(data: Buffer): ScgiRequest | undefined {
  const colon = data.indexOf(':');
  if (colon < 0) return undefined;
  const start = colon + 1;
  const end = start + Number(data.toString('latin1', 0, colon));
  if (data.length < end + 1) return undefined;
  const words = data.toString('latin1', start, end).split('\0');
  const variables = new Map<string, string>();
  for (let at = 0; at + 1 < words.length; at += 2)
    variables.set(words[at] ?? '', words[at + 1] ?? '');
  const length = Number(variables.get('CONTENT_LENGTH') || '0');
  const body = data.subarray(end + 1);
  return body.length < length ? undefined : { variables, body: body.subarray(0, length) };
}

function respond(socket: Socket, { variables, body }: ScgiRequest): void {
  const answer = handle({
    peer: variables.get('REMOTE_ADDR') ?? '',
    method: variables.get('REQUEST_METHOD') ?? '',
    target: variables.get('REQUEST_URI') ?? '',
    body,
    header: (name) => variables.get(`HTTP_${name.toUpperCase().replaceAll('-', '_')}`),
  });
  socket.end(appendAnswer(answer));
}
