import { closeSync, fstatSync, openSync, readSync, ReadStream } from 'node:fs';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import type { Chunk, FileBody, FileLike, FileRange, FileWrapper } from '../../app/types.js';
import { abandonStream } from './abandon-stream.js';

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
export const wrapFile: FileWrapper = (file, blockSize = DEFAULT_BLOCK_BYTES, range = {}) =>
  new FileWrapperBody(typeof file === 'string' ? openSync(file, 'r') : file, blockSize, range);

/**
 * What `wsgi.file_wrapper` returns. Owns the file: `close` releases it, unless `open` has given its
 * descriptor away.
 */
export class FileWrapperBody implements FileBody {
  readonly blockSize: number;
  readonly #file: Exclude<FileLike, string>;
  readonly #range: FileRange;
  #closed = false;

  constructor(file: Exclude<FileLike, string>, blockSize: number, range: FileRange) {
    this.blockSize = blockSize;
    this.#file = file;
    this.#range = range;
  }

  /** A stream that has no descriptor: sent like any other stream. */
  get stream(): Readable | undefined {
    return this.#file instanceof Readable ? this.#file : undefined;
  }

  /**
   * A descriptor of a regular file for the core to send and close; undefined where there is none.
   */
  open(): OpenFile | undefined | Promise<OpenFile | undefined> {
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
    const file = this.#file;
    if (typeof file === 'number') yield* this.#blocks(file);
    else if (isReadable(file)) {
      for (;;) {
        const block = file.read(this.blockSize);
        if (block === null || block.length === 0) return;
        yield block;
      }
    } else if (hasDescriptor(file)) yield* this.#blocks(file.fd);
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

  /** A read stream opens its file a moment later; it is only asked where the file is. */
  async #openStream(stream: ReadStream): Promise<OpenFile | undefined> {
    if (stream.pending) await once(stream, 'open');
    const { fd, start, end } = stream as unknown as { fd: number; start?: number; end?: number };
    const until = end === undefined || !Number.isFinite(end) ? {} : { end: end + 1 };
    return reopened(fd, { start: start ?? 0, ...until, ...this.#range });
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
