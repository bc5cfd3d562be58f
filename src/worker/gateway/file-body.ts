import { closeSync, fstatSync, openSync, readSync, ReadStream } from 'node:fs';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { GatewayError } from '../../app/errors.js';
import type { Chunk, FileBody, FileLike, FileRange, FileWrapper } from '../../app/types.js';
import { abandonStream } from './abandon-stream.js';
import { checkRange, piecesWithin, streamWithin } from './byte-range.js';

/** A descriptor that is given away, with the bytes of it to send. */
export interface OpenFile {
  readonly fd: number;
  readonly start: number;
  readonly length: number;
  /** Closes it, where it is not given away after all. */
  release(): void;
}

const DEFAULT_BLOCK_BYTES = 64 * 1024;

interface ReadableFile {
  read(size: number): Chunk | null;
}

/**
 * `environ['wsgi.file_wrapper']`. A path that cannot be opened throws here, where the application
 * can answer 404.
 */
export const wrapFile: FileWrapper = (file, blockSize = DEFAULT_BLOCK_BYTES, range = {}) => {
  if (!Number.isSafeInteger(blockSize) || blockSize < 1)
    throw new RangeError(`wsgi.file_wrapper: a block of ${blockSize} bytes`);
  checkRange(range);
  if (typeof file === 'string' || file instanceof URL)
    return new FileWrapperBody(openSync(file, 'r'), blockSize, range);
  if (!isFile(file))
    throw new TypeError(
      'wsgi.file_wrapper needs a path, a descriptor, a FileHandle, a stream or an object with read(size)',
    );
  return new FileWrapperBody(file, blockSize, range);
};

type OpenedFile = Exclude<FileLike, string | URL>;

/** Types are not there at run time. */
function isFile(file: unknown): file is OpenedFile {
  if (typeof file === 'number') return true;
  if (typeof file !== 'object' || file === null) return false;
  return file instanceof Readable || hasDescriptor(file) || isReadable(file);
}

/**
 * What `wsgi.file_wrapper` returns. Owns the file: `close` releases it, unless `open` has given its
 * descriptor away.
 */
export class FileWrapperBody implements FileBody {
  readonly blockSize: number;
  readonly #file: OpenedFile;
  readonly #range: FileRange;
  #closed = false;

  constructor(file: OpenedFile, blockSize: number, range: FileRange) {
    this.blockSize = blockSize;
    this.#file = file;
    this.#range = range;
  }

  /** What is a stream, to be sent in pieces: where it has no descriptor, or something was sent before. */
  stream(): object | undefined {
    const stream = this.#file;
    if (!(stream instanceof Readable)) return undefined;
    const { start, end } = this.#range;
    if (start === undefined && end === undefined) return stream;
    const position = stream instanceof ReadStream ? startOf(stream) : 0;
    const pieces = streamWithin(stream as AsyncIterable<Chunk>, this.#range, position);
    return Object.assign(pieces, { close: () => this.close() });
  }

  /**
   * A descriptor of a regular file for the core to send and close; undefined where there is none.
   */
  open(): OpenFile | undefined | Promise<OpenFile | undefined> {
    this.#requireOpen();
    const file = this.#file;
    if (typeof file === 'number') {
      const open = regularFile(file, this.#range);
      // The number itself goes to the core.
      if (open !== undefined) this.#closed = true;
      return open;
    }
    if (file instanceof ReadStream) return this.#openStream(file);
    return hasDescriptor(file) ? reopened(file.fd, this.#range) : undefined;
  }

  *[Symbol.iterator](): Iterator<Chunk> {
    this.#requireOpen();
    const file = this.#file;
    if (typeof file === 'number') yield* this.#blocks(file);
    else if (isReadable(file)) yield* piecesWithin(blocksOf(file, this.blockSize), this.#range);
    else if (hasDescriptor(file)) yield* this.#blocks(file.fd);
  }

  /** What closing gives, where it takes its time: a promise. */
  close(): unknown {
    if (this.#closed) return undefined;
    this.#closed = true;
    const file = this.#file;
    if (typeof file === 'number') closeSync(file);
    else if (file instanceof Readable) abandonStream(file);
    else return file.close?.();
    return undefined;
  }

  /** The number of a descriptor that was closed may be another client's connection by now. */
  #requireOpen(): void {
    if (this.#closed)
      throw new GatewayError('ERR_TSUWSGI_BODY', 'this file was sent, or closed, already');
  }

  /** A read stream opens its file a moment later; it is only asked where the file is. */
  async #openStream(stream: ReadStream): Promise<OpenFile | undefined> {
    if (stream.pending) await once(stream, 'open');
    const { fd, end } = stream as unknown as { fd: number; end?: number };
    const until = end === undefined || !Number.isFinite(end) ? {} : { end: end + 1 };
    return reopened(fd, { start: startOf(stream), ...until, ...this.#range });
  }

  *#blocks(fd: number): Iterable<Buffer> {
    const { start, end = Infinity } = this.#range;
    // A pipe has no positions: without a range it is read as it comes.
    let position = start ?? null;
    let left = end - (start ?? 0);
    while (left > 0) {
      const block = Buffer.allocUnsafe(Math.min(this.blockSize, left));
      const got = readSync(fd, block, 0, block.length, position);
      if (got === 0) return;
      left -= got;
      if (position !== null) position += got;
      yield block.subarray(0, got);
    }
  }
}

/** Node has it, its types do not. */
function startOf(stream: ReadStream): number {
  return (stream as unknown as { start?: number }).start ?? 0;
}

function* blocksOf(file: ReadableFile, size: number): Iterable<Chunk> {
  for (;;) {
    const block = file.read(size);
    if (block === null || block.length === 0) return;
    yield block;
  }
}

function isReadable(file: object): file is ReadableFile {
  return 'read' in file && typeof file.read === 'function' && !hasDescriptor(file);
}

function hasDescriptor(file: object): file is { fd: number } {
  return 'fd' in file && typeof file.fd === 'number';
}

/**
 * The core closes what it was given, and so does the file's owner: the same file is opened once
 * more, through /proc, which also finds files without a name.
 */
function reopened(fd: number, range: FileRange): OpenFile | undefined {
  if (!fstatSync(fd).isFile()) return undefined;
  const copy = openSync(`/proc/self/fd/${fd}`, 'r');
  const open = regularFile(copy, range);
  if (open === undefined) closeSync(copy);
  return open;
}

/** Files of /proc say that they are empty; what says so is read instead. */
function regularFile(fd: number, range: FileRange): OpenFile | undefined {
  const stat = fstatSync(fd);
  if (!stat.isFile() || stat.size === 0) return undefined;
  const start = Math.min(range.start ?? 0, stat.size);
  const end = Math.min(range.end ?? stat.size, stat.size);
  return { fd, start, length: Math.max(0, end - start), release: () => closeSync(fd) };
}
