import type { Answer } from './behaviour.js';

/** The answer as a CGI response: `Status`, fields, empty line, body. A length is given only where it is known. */
export function appendAnswer({ status, headers, pieces, streamed }: Answer): Buffer {
  const body = Buffer.concat([...pieces]);
  const lines = [`Status: ${status}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (!streamed && status !== 204) lines.push(`Content-Length: ${body.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}
