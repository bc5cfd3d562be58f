/**
 * Reads HTTP/1.1 responses off a byte source the way RFC 9112 section 6 frames them, strictly: a test must see a wrong
 * frame, not have it repaired.
 */
export interface HttpResponse {
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  /** In order, names as they were sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly text: string;
  /** How the end of the body was known. */
  readonly framing: 'none' | 'length' | 'chunked' | 'close';
  readonly trailers: readonly (readonly [name: string, value: string])[];
  /** Value of the header, joined with ", " when it is repeated; undefined when it is absent. */
  header(name: string): string | undefined;
}

/** Where the reader takes its bytes from. Both reject when the peer ends or resets before they are satisfied. */
export interface ByteSource {
  readUntil(delimiter: string, what: string): Promise<Buffer>;
  readExactly(count: number, what: string): Promise<Buffer>;
  readToEnd(): Promise<Buffer>;
}

type Fields = (readonly [string, string])[];

const STATUS_LINE = /^(HTTP\/1\.[01]) (\d{3}) ([^\r\n]*)$/;
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;

function parseFields(lines: readonly string[]): Fields {
  return lines.map((line) => {
    const match = FIELD_LINE.exec(line);
    if (match === null) throw new Error(`not a header line: ${JSON.stringify(line)}`);
    return [match[1] ?? '', match[2] ?? ''] as const;
  });
}

function find(fields: Fields, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const values = fields.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(', ');
}

async function readFieldLines(source: ByteSource): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    const line = (await source.readUntil('\r\n', 'a header line')).toString('latin1').slice(0, -2);
    if (line === '') return lines;
    lines.push(line);
  }
}

async function readChunked(source: ByteSource): Promise<{ body: Buffer; trailers: Fields }> {
  const pieces: Buffer[] = [];
  for (;;) {
    const line = (await source.readUntil('\r\n', 'a chunk size')).toString('latin1');
    const size = /^([0-9A-Fa-f]+)(;.*)?\r\n$/.exec(line)?.[1];
    if (size === undefined) throw new Error(`not a chunk size: ${JSON.stringify(line)}`);
    const length = Number.parseInt(size, 16);
    if (length === 0) break;
    pieces.push(await source.readExactly(length, 'a chunk'));
    const end = await source.readExactly(2, 'the end of a chunk');
    if (end.toString('latin1') !== '\r\n') throw new Error('a chunk is longer than its size says');
  }
  return { body: Buffer.concat(pieces), trailers: parseFields(await readFieldLines(source)) };
}

function bodyLength(fields: Fields): number | undefined {
  const length = find(fields, 'content-length');
  if (length === undefined) return undefined;
  if (!/^\d+$/.test(length)) throw new Error(`bad or repeated Content-Length: ${length}`);
  return Number(length);
}

interface Body {
  readonly body: Buffer;
  readonly framing: HttpResponse['framing'];
  readonly trailers: Fields;
}

async function readBody(
  source: ByteSource,
  method: string,
  status: number,
  fields: Fields,
): Promise<Body> {
  const none = method === 'HEAD' || status < 200 || status === 204 || status === 304;
  if (none) return { body: Buffer.alloc(0), framing: 'none', trailers: [] };
  const coding = find(fields, 'transfer-encoding');
  const length = bodyLength(fields);
  if (coding !== undefined && length !== undefined) {
    throw new Error('the response has both Transfer-Encoding and Content-Length');
  }
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') throw new Error(`unexpected transfer coding ${coding}`);
    return { ...(await readChunked(source)), framing: 'chunked' };
  }
  if (length !== undefined) {
    const body = await source.readExactly(length, `a body of ${length} bytes`);
    return { body, framing: 'length', trailers: [] };
  }
  return { body: await source.readToEnd(), framing: 'close', trailers: [] };
}

/** Reads one response. `method` is the request's: a response to HEAD has no body whatever its headers say. */
export async function readHttpResponse(source: ByteSource, method = 'GET'): Promise<HttpResponse> {
  const line = (await source.readUntil('\r\n', 'a status line')).toString('latin1').slice(0, -2);
  const match = STATUS_LINE.exec(line);
  if (match === null) throw new Error(`not a status line: ${JSON.stringify(line)}`);
  const status = Number(match[2]);
  const headers = parseFields(await readFieldLines(source));
  const { body, framing, trailers } = await readBody(source, method, status, headers);
  return {
    version: match[1] ?? '',
    status,
    reason: match[3] ?? '',
    headers,
    body,
    text: body.toString('utf8'),
    framing,
    trailers,
    header: (name) => find(headers, name),
  };
}
