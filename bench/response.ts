/** One HTTP/1.1 response out of a byte stream: as much of the protocol as a self-check needs. */
export interface Response {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** Bytes of the stream that the response took. */
  readonly length: number;
}

type Body = { readonly body: Buffer; readonly end: number };

function parseHeaders(lines: readonly string[]): Map<string, string> {
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

function fixedBody(bytes: Buffer, start: number, length: number): Body | undefined {
  const end = start + length;
  return end <= bytes.length ? { body: bytes.subarray(start, end), end } : undefined;
}

function chunkedBody(bytes: Buffer, start: number): Body | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (next > bytes.length) return undefined;
    if (size === 0) return { body: Buffer.concat(chunks), end: next };
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
}

/** undefined: the response is not complete yet. Throws where neither a length nor chunks frame the body. */
export function readResponse(bytes: Buffer): Response | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const headers = parseHeaders(lines);
  const start = headEnd + 4;
  const body = frame(bytes, start, headers);
  if (body === undefined) return undefined;
  return { status: Number(statusLine.split(' ')[1]), headers, body: body.body, length: body.end };
}

function frame(bytes: Buffer, start: number, headers: Map<string, string>): Body | undefined {
  const length = headers.get('content-length');
  if (length !== undefined) return fixedBody(bytes, start, Number(length));
  if (headers.get('transfer-encoding') === 'chunked') return chunkedBody(bytes, start);
  throw new Error('the answer has neither Content-Length nor chunks');
}
