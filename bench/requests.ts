/**
 * Requests as the bytes that go over the wire. One text serves both the self-check and the load generator. Where the text
 * holds `{n}`, every request gets another number there (12 hexadecimal digits), so that no two requests are alike.
 */

const host = 'Host: bench.example';

function text(lines: readonly string[], body = ''): string {
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

export const plainRequest = text(['GET / HTTP/1.1', host]);

export const closeRequest = text(['GET / HTTP/1.1', host, 'Connection: close']);

/** What a current browser sends for a page: 14 header fields. */
function browserHeaders(cookie: string): readonly string[] {
  return [
    host,
    'Connection: keep-alive',
    'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"',
    'sec-ch-ua-mobile: ?0',
    'sec-ch-ua-platform: "Linux"',
    'Upgrade-Insecure-Requests: 1',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8',
    'Sec-Fetch-Site: same-origin',
    'Sec-Fetch-Mode: navigate',
    'Sec-Fetch-Dest: document',
    'Accept-Encoding: gzip, deflate, br, zstd',
    'Accept-Language: en-GB,en;q=0.9,de;q=0.8',
    `Cookie: session=${cookie}; theme=dark; consent=yes`,
  ];
}

export const browserRequest = text([
  'GET / HTTP/1.1',
  ...browserHeaders('4f1c0e5b90aa4f1c0e5b90aa'),
]);

/** The browser's request with another target and another cookie each time. */
export const variedRequest = text([
  'GET /item/{n}?page=2&from={n} HTTP/1.1',
  ...browserHeaders('{n}4f1c0e5b90aa'),
]);

export function postRequest(body: Buffer): string {
  const headers = [
    host,
    'Content-Type: application/octet-stream',
    `Content-Length: ${body.length}`,
  ];
  return text(['POST / HTTP/1.1', ...headers], body.toString('latin1'));
}

/** The bytes of one request of a text; `{n}` becomes `sequence`. */
export function requestBytes(request: string, sequence = 0): Buffer {
  const number = sequence.toString(16).padStart(12, '0');
  return Buffer.from(request.replaceAll('{n}', number), 'latin1');
}
