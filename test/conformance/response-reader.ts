import type { Framing } from './case-types.js';

export interface WireResponse {
  readonly status: number;
  readonly versionMinor: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly framing: Framing;
  readonly body: Buffer;
  /** false: the connection ended before the message did. */
  readonly complete: boolean;
  /** Breaches of RFC 9110 and 9112 in this message. */
  readonly faults: readonly string[];
}

export function headerValues(response: WireResponse, name: string): string[] {
  return response.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

interface Head {
  status: number;
  versionMinor: number;
  headers: [string, string][];
  faults: string[];
  framing: Framing;
  length: number;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const FIELD_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;

/**
 * Cuts what a server sends into responses, strictly: a byte that no framing accounts for is junk.
 * `isHead(n)` tells whether the n-th final response (from 0) answers a HEAD request.
 */
export class ResponseReader {
  readonly responses: WireResponse[] = [];
  junk = false;
  private readonly isHead: (index: number) => boolean;
  private data: Buffer = Buffer.alloc(0);
  private head: Head | undefined;
  private finals = 0;

  constructor(isHead: (index: number) => boolean) {
    this.isHead = isHead;
  }

  get finalCount(): number {
    return this.finals;
  }

  /** A response has begun and is not complete. */
  get inMessage(): boolean {
    return this.head !== undefined || this.data.length > 0;
  }

  push(bytes: Buffer): void {
    this.data = Buffer.concat([this.data, bytes]);
    while (!this.junk && this.step());
  }

  /** The connection ended: a body that lasts until then is complete, anything else that is open is cut. */
  end(): void {
    if (this.head === undefined) {
      if (this.data.length > 0) this.junk = true;
      return;
    }
    const { framing } = this.head;
    this.finish(this.head, this.data, framing === 'until-close');
    this.data = Buffer.alloc(0);
  }

  private step(): boolean {
    if (this.head === undefined) return this.readHead();
    switch (this.head.framing) {
      case 'none':
        return this.finish(this.head, Buffer.alloc(0), true);
      case 'length':
        return this.readLength(this.head);
      case 'chunked':
        return this.readChunked(this.head);
      case 'until-close':
        return false;
    }
  }

  private readHead(): boolean {
    const end = this.data.indexOf('\r\n\r\n');
    if (end < 0) {
      this.junk = this.data.length > 0 && !'HTTP/1.'.startsWith(this.data.toString('latin1', 0, 7));
      return false;
    }
    const lines = this.data.toString('latin1', 0, end).split('\r\n');
    const start = STATUS_LINE.exec(lines[0] ?? '');
    if (start === null) {
      this.junk = true;
      return false;
    }
    this.data = this.data.subarray(end + 4);
    this.head = this.makeHead(Number(start[2]), Number(start[1]), lines.slice(1));
    return true;
  }

  private makeHead(status: number, versionMinor: number, lines: readonly string[]): Head {
    const faults: string[] = [];
    const headers: [string, string][] = [];
    for (const line of lines) {
      const field = FIELD_LINE.exec(line);
      if (field === null) faults.push(`malformed field line ${JSON.stringify(line)}`);
      else headers.push([(field[1] ?? '').toLowerCase(), field[2] ?? '']);
    }
    const head: Head = { status, versionMinor, headers, faults, framing: 'none', length: 0 };
    decideFraming(head, status >= 200 && this.isHead(this.finals));
    return head;
  }

  private readLength(head: Head): boolean {
    if (this.data.length < head.length) return false;
    const body = this.data.subarray(0, head.length);
    this.data = this.data.subarray(head.length);
    return this.finish(head, body, true);
  }

  private readChunked(head: Head): boolean {
    const decoded = decodeChunks(this.data);
    if (decoded === undefined) return false;
    this.data = this.data.subarray(decoded.consumed);
    if (decoded.fault !== undefined) head.faults.push(decoded.fault);
    return this.finish(head, decoded.body, true);
  }

  private finish(head: Head, body: Buffer, complete: boolean): boolean {
    const { status, versionMinor, headers, framing, faults } = head;
    this.responses.push({ status, versionMinor, headers, framing, body, complete, faults });
    if (status >= 200) this.finals += 1;
    this.head = undefined;
    return true;
  }
}

/** RFC 9112 section 6.3 for responses, with every breach noted. */
function decideFraming(head: Head, toHead: boolean): void {
  const lengths = valuesOf(head, 'content-length');
  const codings = valuesOf(head, 'transfer-encoding');
  const length = lengths[0];
  if (lengths.length > 1) head.faults.push('more than one Content-Length');
  if (length !== undefined && !/^\d+$/.test(length)) head.faults.push(`Content-Length ${length}`);
  if (lengths.length > 0 && codings.length > 0)
    head.faults.push('Content-Length with Transfer-Encoding');
  const bodyless = head.status < 200 || head.status === 204;
  if (bodyless && lengths.length + codings.length > 0)
    head.faults.push(`framing on ${head.status}`);
  if (toHead || bodyless || head.status === 304) head.framing = 'none';
  else if (codings.length > 0)
    head.framing = codings.join() === 'chunked' ? 'chunked' : 'until-close';
  else if (length !== undefined) {
    head.framing = 'length';
    head.length = Number(length);
  } else head.framing = 'until-close';
}

function valuesOf(head: Head, name: string): string[] {
  return head.headers.filter(([key]) => key === name).map(([, value]) => value);
}

interface Decoded {
  readonly body: Buffer;
  readonly consumed: number;
  readonly fault?: string;
}

/** undefined: not complete yet. A malformed chunk ends the body with a fault. */
function decodeChunks(data: Buffer): Decoded | undefined {
  const pieces: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = data.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const line = data.toString('latin1', at, lineEnd);
    if (!/^[0-9a-fA-F]+$/.test(line))
      return broken(pieces, data, `chunk size ${JSON.stringify(line)}`);
    const size = Number.parseInt(line, 16);
    at = lineEnd + 2;
    if (data.length < at + size + 2) return undefined;
    if (data.toString('latin1', at + size, at + size + 2) !== '\r\n')
      return broken(pieces, data, 'chunk end');
    pieces.push(data.subarray(at, at + size));
    at += size + 2;
    if (size === 0) return { body: Buffer.concat(pieces), consumed: at };
  }
}

function broken(pieces: Buffer[], data: Buffer, fault: string): Decoded {
  return { body: Buffer.concat(pieces), consumed: data.length, fault };
}
