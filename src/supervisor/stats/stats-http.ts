/** The little HTTP that `--stats-http` speaks: one request for a document on a connection, bytes in, bytes out. Pure. */

/** Longer heads are refused: those who look at statistics send short ones. */
export const MAX_HEAD = 16 * 1024;

export interface StatsRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The value of `Accept`. */
  readonly accept: string;
}

export interface StatsResponse {
  readonly status: 200 | 400 | 404 | 405 | 431 | 503;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const REASONS: Readonly<Record<StatsResponse['status'], string>> = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
};

/** undefined: the head is not complete. `bad`: it is no HTTP. */
export function readRequest(text: string): StatsRequest | 'bad' | 'too-large' | undefined {
  const end = /\r?\n\r?\n/.exec(text);
  if (end === null) return text.length > MAX_HEAD ? 'too-large' : undefined;
  const [first = '', ...lines] = text.slice(0, end.index).split(/\r?\n/);
  const line = /^([A-Z]+) (\/[^ ]*|\*) HTTP\/1\.[01]$/.exec(first);
  if (line === null) return 'bad';
  const [, method = '', target = ''] = line;
  return { method, path: target.replace(/\?.*$/s, ''), accept: headerOf(lines, 'accept') };
}

function headerOf(lines: readonly string[], name: string): string {
  const found = lines.filter((line) => line.toLowerCase().startsWith(`${name}:`));
  return found.map((line) => line.slice(name.length + 1).trim()).join(', ');
}

/** The connection is over with it. */
export function responseText(response: StatsResponse, withBody: boolean): string {
  const { status, type, body, headers = {} } = response;
  const fields = {
    Connection: 'close',
    'Content-Type': type,
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${status} ${REASONS[status]}`, ...lines, '', ''].join('\r\n');
  return withBody ? head + body : head;
}

export function plain(status: StatsResponse['status'], line: string): StatsResponse {
  return { status, type: 'text/plain; charset=utf-8', body: `${line}\n` };
}
