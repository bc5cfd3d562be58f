import type { Readable } from 'node:stream';
import type { RequestAbortedError } from '../../app/errors.js';
import { BodyNotBufferedError } from '../../app/errors.js';
import type { InputStream } from '../../app/types.js';
import { bodyReadable } from './body-readable.js';
import type { BufferedBody, RequestBody } from './request-body.js';

/** How much is given to an asynchronous reader at a time. */
const BLOCK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

/** Who is told of errors that a stream of the body had, and nobody listened for: the exchange. */
export interface UnheardErrors {
  unheard(error: unknown): void;
}

/** `wsgi.input` over any kind of body. All ways of reading share one position. */
export class RequestInput implements InputStream {
  readonly #body: RequestBody;
  #position = 0;
  #aborted: RequestAbortedError | undefined;
  #reportTo: UnheardErrors | undefined;

  constructor(body: RequestBody) {
    this.#body = body;
  }

  read(size?: number): Buffer {
    const body = this.#buffered('read');
    const left = body.length - this.#position;
    const bytes = body.read(this.#position, wanted(size, left));
    this.#position += bytes.length;
    return bytes;
  }

  readline(size?: number): Buffer {
    const body = this.#buffered('readline');
    const limit = wanted(size, body.length - this.#position);
    const line = lineAt(body, this.#position, limit);
    this.#position += line.length;
    return line;
  }

  readlines(hint?: number): Buffer[] {
    this.#buffered('readlines');
    const enough = hint === undefined || hint <= 0 ? Infinity : hint;
    const lines: Buffer[] = [];
    let total = 0;
    while (total < enough) {
      const line = this.readline();
      if (line.length === 0) break;
      lines.push(line);
      total += line.length;
    }
    return lines;
  }

  *[Symbol.iterator](): Iterator<Buffer> {
    this.#buffered('[Symbol.iterator]');
    for (let line = this.readline(); line.length > 0; line = this.readline()) yield line;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Buffer> {
    if (this.#body.kind === 'buffered') {
      for (let piece = this.read(BLOCK_BYTES); piece.length > 0; piece = this.read(BLOCK_BYTES)) {
        yield piece;
      }
      return;
    }
    for (let piece = await this.#body.next(); piece !== undefined;) {
      yield piece;
      piece = await this.#body.next();
    }
  }

  toReadable(): Readable {
    return bodyReadable(this, (error) => this.#reportTo?.unheard(error));
  }

  /** For the exchange. */
  reportTo(exchange: UnheardErrors): void {
    this.#reportTo = exchange;
  }

  /** The request is gone: reading throws `reason` from now on. For the exchange. */
  abort(reason: RequestAbortedError): void {
    this.#aborted = reason;
    if (this.#body.kind === 'buffered') {
      this.#body.discard();
    } else {
      this.#body.fail(reason);
      this.#body.close();
    }
  }

  /** The request is answered. For the exchange. */
  close(): void {
    this.#body.close();
  }

  /** A piece of a streamed body; ignored for others. For the dispatcher. */
  push(piece: Buffer): void {
    if (this.#body.kind === 'streamed') this.#body.push(piece);
  }

  /** A streamed body's end. For the dispatcher. */
  end(): void {
    if (this.#body.kind === 'streamed') this.#body.end();
  }

  #buffered(method: string): BufferedBody {
    if (this.#aborted !== undefined) throw this.#aborted;
    if (this.#body.kind === 'streamed') throw new BodyNotBufferedError(method);
    return this.#body;
  }
}

function wanted(size: number | null | undefined, left: number): number {
  if (size === undefined || size === null || size < 0) return left;
  return Math.min(size, left);
}

function lineAt(body: BufferedBody, start: number, limit: number): Buffer {
  const parts: Buffer[] = [];
  for (let found = 0; found < limit;) {
    const part = body.some(start + found, limit - found);
    if (part.length === 0) break;
    const newline = part.indexOf(NEWLINE);
    parts.push(newline < 0 ? part : part.subarray(0, newline + 1));
    if (newline >= 0) break;
    found += part.length;
  }
  const [first = NOTHING] = parts;
  return parts.length > 1 ? Buffer.concat(parts) : first;
}
