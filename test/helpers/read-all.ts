/** Reads what a server writes to whoever connects, until it closes. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** `place`: a port of 127.0.0.1, or the path of a UNIX socket. */
export async function readAll(place: number | string, send = ''): Promise<string> {
  const socket =
    typeof place === 'number' ? connect({ host: '127.0.0.1', port: place }) : connect(place);
  if (send !== '') socket.write(send);
  return text(socket);
}
