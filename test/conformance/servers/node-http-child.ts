/** node:http with the application of the comparison. Prints its port, ends when its standard input does. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { handle, type Answer } from './behaviour.js';
import { LIMITS } from './server.js';

const server = createServer(
  {
    maxHeaderSize: LIMITS.headBytes,
    headersTimeout: LIMITS.headerTimeoutMs,
    requestTimeout: LIMITS.headerTimeoutMs + LIMITS.bodyTimeoutMs,
    keepAliveTimeout: LIMITS.keepAliveTimeoutMs,
    connectionsCheckingInterval: 200,
  },
  (request, response) => {
    void serve(request, response);
  },
);

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    send(response, handle(await readRequest(request)));
  } catch {
    if (!response.headersSent && !response.destroyed) response.writeHead(500).end();
  }
}

async function readRequest(request: IncomingMessage): Promise<Parameters<typeof handle>[0]> {
  const body = await buffer(request);
  const { method = '', url = '', headers } = request;
  const header = (name: string): string | undefined => headers[name]?.toString();
  return { peer: request.socket.remoteAddress ?? '', method, target: url, body, header };
}

function send(response: ServerResponse, { status, headers, pieces, streamed }: Answer): void {
  response.statusCode = status;
  for (const [name, value] of headers) response.appendHeader(name, value);
  if (!streamed) {
    response.end(Buffer.concat([...pieces]));
    return;
  }
  for (const piece of pieces) response.write(piece);
  response.end();
}

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
