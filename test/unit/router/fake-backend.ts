/** A uwsgi server of a test: reads each request in full, then does what the test says with the connection. */
import { createServer, type Server, type Socket } from 'node:net';
import type { BackendAddress } from '../../../src/config/backend-address.js';
import { onCleanup } from '../../helpers/cleanup.js';
import { decodePacket } from './decode-packet.js';

export interface ReceivedRequest {
  readonly variables: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly modifiers: readonly [number, number];
}

export type Behaviour = (socket: Socket, request: ReceivedRequest) => void;

type TcpBackend = Extract<BackendAddress, { readonly kind: 'tcp' }>;

export interface FakeBackend {
  readonly address: TcpBackend;
  readonly requests: readonly ReceivedRequest[];
  /** Connections that ended, whoever ended them. */
  readonly closed: () => number;
}

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Answers with these bytes and closes. */
export function answering(response: string): Behaviour {
  return (socket) => socket.end(response, 'latin1');
}

function serve(socket: Socket, requests: ReceivedRequest[], behaviour: Behaviour): void {
  let bytes = Buffer.alloc(0);
  let answered = false;
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    const packet = answered ? undefined : decodePacket(bytes);
    if (packet === undefined) return;
    const variables = Object.fromEntries(packet.variables);
    if (packet.rest.length < Number(variables['CONTENT_LENGTH'] ?? 0)) return;
    answered = true;
    const modifiers = [packet.modifier1, packet.modifier2] as const;
    const request = { variables, body: packet.rest, modifiers };
    requests.push(request);
    behaviour(socket, request);
  });
}

/** Listens until the test is over, on a free port unless one is given. */
export async function fakeBackend(
  behaviour: Behaviour = answering(OK),
  port = 0,
): Promise<FakeBackend> {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  let closed = 0;
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      closed += 1;
      sockets.delete(socket);
    });
    serve(socket, requests, behaviour);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onCleanup(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { address: addressOf(server), requests, closed: () => closed };
}

/** An address where nobody listens. */
export async function deadAddress(): Promise<TcpBackend> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = addressOf(server);
  await new Promise((resolve) => server.close(resolve));
  return address;
}

function addressOf(server: Server): TcpBackend {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no TCP address');
  const { port } = bound;
  return { kind: 'tcp', host: '127.0.0.1', port, text: `127.0.0.1:${port}` };
}
