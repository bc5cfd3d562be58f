/**
 * The head of a uwsgi server's response: an HTTP/1.x status line, fields, an empty line. Nothing else frames the
 * response: its body ends with the connection, or after Content-Length bytes.
 *
 * Read strictly. A backend's mistake must become an error of this one request, never a response that the client and
 * the router understand differently.
 */
import type { Header } from '../app/types.js';

export interface BackendHead {
  readonly code: number;
  /** `200 OK`, with the backend's own reason. */
  readonly status: string;
  /** Without fields that concern the connection to the backend only. */
  readonly headers: readonly Header[];
  /** Content-Length; undefined: the body ends with the connection. */
  readonly length: number | undefined;
}

export type HeadProgress =
  | { readonly kind: 'more' }
  | { readonly kind: 'head'; readonly head: BackendHead; readonly rest: Buffer }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Bytes of one head, interim ones included. */
export const MAX_HEAD_BYTES = 64 * 1024;

const END = Buffer.from('\r\n\r\n');
/** Statuses above 599 too: applications may send them, and the client knows best (RFC 9110 section 15). */
const STATUS_LINE = /^HTTP\/1\.[01] ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/;
const LENGTH = /^\d{1,15}$/;
const MORE: HeadProgress = { kind: 'more' };

/** Fields of the connection between backend and router (RFC 9110 section 7.6.1); the core writes the client's. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'trailers',
  'upgrade',
]);

/** Collects bytes until the final head is complete; interim (1xx) heads are read and dropped. */
export class ResponseHeadParser {
  #bytes: Buffer = Buffer.alloc(0);
  /** Where the search for the head's end goes on. */
  #searched = 0;
  /** Bytes of heads that were dropped. */
  #dropped = 0;

  push(chunk: Buffer): HeadProgress {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      const end = this.#bytes.indexOf(END, this.#searched);
      const size = this.#dropped + (end < 0 ? this.#bytes.length : end);
      if (size > MAX_HEAD_BYTES)
        return malformed(`its head is longer than ${MAX_HEAD_BYTES} bytes`);
      if (end < 0) return this.#needMore();
      const progress = parseHead(latin1(this.#bytes, end), this.#bytes.subarray(end + END.length));
      if (progress.kind !== 'head' || progress.head.code >= 200) return progress;
      if (progress.head.code === 101)
        return malformed('it switches protocols (101), which nobody asked for');
      this.#bytes = progress.rest;
      this.#dropped += end + END.length;
      this.#searched = 0;
    }
  }

  /** Whether nothing has come yet. */
  get untouched(): boolean {
    return this.#bytes.length === 0 && this.#dropped === 0;
  }

  #needMore(): HeadProgress {
    this.#searched = Math.max(0, this.#bytes.length - END.length + 1);
    // What cannot become a status line is refused now: garbage may never have an empty line.
    const line = this.#bytes.indexOf('\r\n');
    const first = latin1(this.#bytes, line < 0 ? 5 : line);
    const wrong = line < 0 ? !'HTTP/'.startsWith(first) : !STATUS_LINE.test(first);
    return wrong ? noStatusLine(first) : MORE;
  }
}

function parseHead(text: string, rest: Buffer): HeadProgress {
  const [first = '', ...lines] = text.split('\r\n');
  const status = STATUS_LINE.exec(first);
  if (status === null) return noStatusLine(first);
  const fields: Header[] = [];
  for (const line of lines) {
    const field = FIELD.exec(line);
    if (field === null) return malformed(`it has a malformed header line: ${excerpt(line)}`);
    fields.push([field[1] ?? '', field[2] ?? '']);
  }
  const code = status[1] ?? '';
  return assemble(Number(code), `${code} ${status[2] ?? ''}`.trimEnd(), fields, rest);
}

function assemble(
  code: number,
  status: string,
  fields: readonly Header[],
  rest: Buffer,
): HeadProgress {
  const lengths: string[] = [];
  const nominated = new Set<string>();
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    if (lower === 'transfer-encoding') {
      return malformed('it has a Transfer-Encoding, which the uwsgi protocol does not know');
    }
    if (lower === 'content-length') lengths.push(value);
    else if (lower === 'connection') {
      for (const token of value.toLowerCase().split(',')) nominated.add(token.trim());
    }
  }
  const [length] = lengths;
  if (lengths.length > 1) return malformed('it has more than one Content-Length');
  if (length !== undefined && !LENGTH.test(length)) {
    return malformed(`its Content-Length is not a number: ${excerpt(length)}`);
  }
  const headers = fields.filter(([name]) => passes(name.toLowerCase(), nominated));
  return {
    kind: 'head',
    head: { code, status, headers, length: length === undefined ? undefined : Number(length) },
    rest,
  };
}

/** Content-Length always passes: whoever nominates it as a connection option is mistaken. */
function passes(name: string, nominated: ReadonlySet<string>): boolean {
  return name === 'content-length' || (!HOP_BY_HOP.has(name) && !nominated.has(name));
}

function noStatusLine(line: string): HeadProgress {
  return malformed(`it does not start with an HTTP/1.x status line: ${excerpt(line)}`);
}

function malformed(reason: string): HeadProgress {
  return { kind: 'malformed', reason };
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function latin1(bytes: Buffer, end: number): string {
  return bytes.toString('latin1', 0, end);
}
