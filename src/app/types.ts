/**
 * The interface applications are written against: PEP 3333 in TypeScript's terms.
 * docs/applications.md explains it with examples.
 */
import type { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';

/** A piece of a response body. Strings are sent as UTF-8. */
export type Chunk = string | Uint8Array;

/** One response header. The value may hold characters up to U+00FF, as bytes go on the wire. */
export type Header = readonly [name: string, value: string];

/**
 * What an application may return, or promise. `close()`, where an iterable has it, is called
 * exactly once.
 */
export type ResponseBody =
  | Chunk
  | Iterable<Chunk | Promise<Chunk>>
  | AsyncIterable<Chunk>
  | Readable
  | ReadableStream<Chunk>
  | FileBody
  | null
  | undefined
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a function without return is an empty body
  | void;

/** A WSGI application (PEP 3333). It may be an async function. */
export type Application = (
  environ: Environ,
  startResponse: StartResponse,
) => ResponseBody | Promise<ResponseBody>;

/**
 * Sets status (`'200 OK'`) and headers; nothing is sent before the first byte of the body. A second
 * call needs `error`: it replaces the first while nothing has been sent, and throws `error` where
 * something has.
 */
export type StartResponse = (status: string, headers: readonly Header[], error?: unknown) => Write;

/**
 * Sends a piece at once. The promise resolves when the client can take more: await it where much is
 * written.
 */
export type Write = (data: Chunk) => Promise<void>;

/** The request. A plain object: keys can be listed, spread, changed and added. */
export interface Environ {
  REQUEST_METHOD: string;
  SCRIPT_NAME: string;
  /** Percent-decoded as UTF-8; `REQUEST_URI` is the raw form. */
  PATH_INFO: string;
  QUERY_STRING: string;
  REQUEST_URI: string;
  SERVER_NAME: string;
  SERVER_PORT: string;
  SERVER_PROTOCOL: string;
  /** Empty for a peer on a UNIX socket. */
  REMOTE_ADDR: string;
  REMOTE_PORT: string;
  CONTENT_TYPE?: string;
  CONTENT_LENGTH?: string;
  'wsgi.version': readonly [1, 0];
  'wsgi.url_scheme': string;
  'wsgi.input': InputStream;
  'wsgi.errors': ErrorStream;
  'wsgi.multithread': boolean;
  'wsgi.multiprocess': boolean;
  'wsgi.run_once': boolean;
  /** The end of `wsgi.input` is the end of the body: reading needs no CONTENT_LENGTH. */
  'wsgi.input_terminated': boolean;
  'wsgi.file_wrapper': FileWrapper;
  'uwsgi.version': string;
  'uwsgi.node': string;
  /** Index of the I/O loop that holds the connection. */
  'uwsgi.core': number;
  /**
   * Aborts when the request is over before it was answered; the reason is a `RequestAbortedError`.
   */
  'tsuwsgi.signal': AbortSignal;
  /**
   * Gives this request so many seconds from now on, in place of `--harakiri`; 0: no limit. To be called on the environ:
   * `environ['tsuwsgi.setHarakiri'](30)`.
   */
  'tsuwsgi.setHarakiri': (this: Environ, seconds: number) => void;
  /** Unique among the workers of the machine: for log records that belong together. */
  'tsuwsgi.request_id': string;
  [header: `HTTP_${string}`]: string | undefined;
  [key: string]: unknown;
}

/**
 * `wsgi.input`: the request body. The synchronous methods need a buffered body
 * (`--post-buffering`).
 */
export interface InputStream extends Iterable<Buffer>, AsyncIterable<Buffer> {
  /** At most `size` bytes, all that is left without it; empty at the end. */
  read(size?: number): Buffer;
  /** Up to and with the next newline; at most `size` bytes of it. Empty at the end. */
  readline(size?: number): Buffer;
  /** All lines that are left; stops after the line that reaches `hint` bytes. */
  readlines(hint?: number): Buffer[];
  /** Lines, as PEP 3333 has it. */
  [Symbol.iterator](): Iterator<Buffer>;
  /** Pieces as they come. Works for every body. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer>;
  /** The rest of the body as a Node stream. Works for every body. */
  toReadable(): Readable;
}

/** `wsgi.errors`: text for the server's log. */
export interface ErrorStream {
  write(text: string): void;
  writelines(lines: Iterable<string>): void;
  flush(): void;
}

/**
 * What a file wrapper takes: an open descriptor or `FileHandle` (both are closed by the server), a
 * path or `file:` URL, an `fs.ReadStream`, or anything with `read(size)`.
 */
export type FileLike =
  | number
  | string
  | URL
  | { readonly fd: number; close(): unknown }
  | Readable
  | { read(size: number): Chunk | null; close?(): unknown };

/** Which part of the file to send, in bytes. */
export interface FileRange {
  /** First byte; 0 without it. */
  readonly start?: number;
  /** First byte that is not sent; the file's end without it. */
  readonly end?: number;
}

/** `wsgi.file_wrapper`: return its result and the kernel sends the file (`sendfile`). */
export type FileWrapper = (file: FileLike, blockSize?: number, range?: FileRange) => FileBody;

/** An iterable over a file's blocks, which the server recognises and sends without reading it. */
export interface FileBody extends Iterable<Chunk> {
  readonly blockSize: number;
  close(): void;
}
