import { RawSocket, type ReadOptions } from '../helpers/raw-socket.js';
import type { HttpResponse } from '../helpers/http-response.js';
import { startServer, testApp, type Server } from '../helpers/server.js';

const SOCKET_LINE = /(http|uwsgi) socket \d+ bound to TCP address [^ "]+:(\d+)/;

/** Port of a server's first socket that speaks `protocol`. */
export function portFor(server: Server, protocol: 'http' | 'uwsgi'): number {
  for (const line of server.log.lines) {
    const [, spoken, port] = SOCKET_LINE.exec(line) ?? [];
    if (spoken === protocol) return Number(port);
  }
  throw new Error(`the server has no ${protocol} socket\n${server.log.text}`);
}

/** A server with an HTTP and a uwsgi socket on free ports. */
export function startBoth(app: string, args: readonly string[] = []): Promise<Server> {
  return startServer([
    '--http-socket',
    '127.0.0.1:0',
    '--socket',
    '127.0.0.1:0',
    '--wsgi-file',
    testApp(app),
    ...args,
  ]);
}

/** Sends a packet on a connection of its own and reads the answer to its end. */
export async function ask(
  server: Server,
  bytes: Buffer,
  options: ReadOptions = {},
): Promise<HttpResponse> {
  const socket = await RawSocket.connect(portFor(server, 'uwsgi'));
  try {
    return await socket.request(bytes, options);
  } finally {
    socket.close();
  }
}

/** Everything that comes back until the server ends the connection, in whichever way. */
export async function exchange(server: Server, bytes: Buffer): Promise<Buffer> {
  const socket = await RawSocket.connect(portFor(server, 'uwsgi'));
  await socket.send(bytes);
  socket.halfClose();
  await socket.waitForEnding();
  const { unread } = socket;
  socket.close();
  return unread;
}
