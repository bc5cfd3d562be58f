import { closeSync, readSync } from 'node:fs';
import { InputClosedError, type RequestAbortedError } from '../../app/errors.js';

/** Where the bytes of a request's body are. */
export type RequestBody = BufferedBody | StreamedBody;

/** A body that has arrived in full. */
export interface BufferedBody {
  readonly kind: 'buffered';
  readonly length: number;
  /** The bytes from `position`, at most `size`; fewer only at the end. */
  read(position: number, size: number): Buffer;
  /** As many of them as are at hand, at least one where there are any: for looking at what is not taken yet. */
  some(position: number, size: number): Buffer;
  /** Idempotent; reading afterwards throws InputClosedError. */
  close(): void;
  /** `close` where no answer tells the core that nobody will fetch what it holds. */
  discard(): void;
}

const NOTHING = Buffer.alloc(0);
/** How much of a file is read to look for something. */
const BLOCK_BYTES = 64 * 1024;

/** No body. One for all requests: it has no state. */
export const emptyBody: BufferedBody = {
  kind: 'buffered',
  length: 0,
  read: () => NOTHING,
  some: () => NOTHING,
  close: () => undefined,
  discard: () => undefined,
};

/** A body in memory; fetched from the core when it is first read. */
export class MemoryBody implements BufferedBody {
  readonly kind = 'buffered';
  readonly length: number;
  #bytes: Buffer | undefined;
  #fetch: (() => Buffer | undefined) | undefined;

  constructor(length: number, fetch: () => Buffer | undefined) {
    this.length = length;
    this.#fetch = fetch;
  }

  static of(bytes: Buffer): MemoryBody {
    return new MemoryBody(bytes.length, () => bytes);
  }

  read(position: number, size: number): Buffer {
    if (this.#bytes === undefined) {
      this.#bytes = this.#fetch?.();
      this.#fetch = undefined;
    }
    if (this.#bytes === undefined) throw new InputClosedError();
    return this.#bytes.subarray(position, position + size);
  }

  some(position: number, size: number): Buffer {
    return this.read(position, size);
  }

  /** Bytes that were fetched stay readable: they are ours. */
  close(): void {
    this.#fetch = undefined;
  }

  discard(): void {
    this.#fetch?.();
    this.close();
  }
}

/** A body in an unnamed file. Owns the descriptor. */
export class FileBackedBody implements BufferedBody {
  readonly kind = 'buffered';
  readonly length: number;
  #fd: number;
  /** What `some` read last: the file is not read anew for each of its short lines. */
  #block: Buffer = NOTHING;
  #blockAt = 0;

  constructor(fd: number, length: number) {
    this.#fd = fd;
    this.length = length;
  }

  read(position: number, size: number): Buffer {
    if (this.#fd < 0) throw new InputClosedError();
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(size, this.length - position)));
    let filled = 0;
    while (filled < bytes.length) {
      const got = readSync(this.#fd, bytes, filled, bytes.length - filled, position + filled);
      if (got === 0) break;
      filled += got;
    }
    return bytes.subarray(0, filled);
  }

  some(position: number, size: number): Buffer {
    const within = position >= this.#blockAt && position < this.#blockAt + this.#block.length;
    if (!within) {
      this.#block = this.read(position, BLOCK_BYTES);
      this.#blockAt = position;
    }
    const from = position - this.#blockAt;
    return this.#block.subarray(from, from + size);
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#block = NOTHING;
    const fd = this.#fd;
    this.#fd = -1;
    closeSync(fd);
  }

  discard(): void {
    this.close();
  }
}

/** How much of a streamed body may be on its way to us. */
const WINDOW_BYTES = 64 * 1024;

interface Waiter {
  resolve(piece: Buffer | undefined): void;
  reject(error: Error): void;
}

/** A body that arrives while the application runs; the peer is held back until it is read. */
export class StreamedBody {
  readonly kind = 'streamed';
  readonly #ask: (bytes: number) => void;
  #pieces: Buffer[] = [];
  #asked = 0;
  #ended = false;
  #error: Error | undefined;
  #waiter: Waiter | undefined;

  /** `ask` lets that many bytes more come. */
  constructor(ask: (bytes: number) => void) {
    this.#ask = ask;
  }

  /** The next piece; undefined at the end. One caller at a time. */
  next(): Promise<Buffer | undefined> {
    const piece = this.#pieces.shift();
    if (piece !== undefined) return Promise.resolve(piece);
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#ended) return Promise.resolve(undefined);
    if (this.#waiter !== undefined) {
      return Promise.reject(new Error('wsgi.input is being read already'));
    }
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#replenish();
    });
  }

  push(piece: Buffer): void {
    this.#asked -= piece.length;
    const waiter = this.#take();
    if (waiter === undefined) this.#pieces.push(piece);
    else waiter.resolve(piece);
  }

  end(): void {
    this.#ended = true;
    this.#take()?.resolve(undefined);
  }

  fail(error: RequestAbortedError | InputClosedError): void {
    if (this.#ended || this.#error !== undefined) return;
    this.#error = error;
    this.#take()?.reject(error);
  }

  close(): void {
    this.#pieces = [];
    this.fail(new InputClosedError());
  }

  #replenish(): void {
    if (this.#asked > WINDOW_BYTES / 2) return;
    const more = WINDOW_BYTES - this.#asked;
    this.#asked += more;
    this.#ask(more);
  }

  #take(): Waiter | undefined {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    return waiter;
  }
}
