import type { HttpResponse } from './http-response.js';
import { requestOnce, type RawSocketOptions } from './raw-socket.js';

/** GET on a connection of its own. `port`: or the path of a UNIX socket. `lines` are further header lines. */
export function get(
  port: number | string,
  path: string,
  lines: readonly string[] = [],
  options: RawSocketOptions = {},
): Promise<HttpResponse> {
  return requestOnce(port, requestText('GET', path, lines), options);
}

/** The bytes of a request head that asks for the connection's end. */
export function requestText(method: string, path: string, lines: readonly string[] = []): string {
  return [`${method} ${path} HTTP/1.1`, 'Host: test', 'Connection: close', ...lines, '', ''].join(
    '\r\n',
  );
}
