/**
 * An application for tests of the gateway: the first part of the path names what it does, the rest
 * are arguments. `/state` reports counters that tests wait for.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import type { Application, Environ, ResponseBody, StartResponse } from '../../src/app/types.js';

type Handler = (
  environ: Environ,
  startResponse: StartResponse,
  argument: string,
) => ResponseBody | Promise<ResponseBody>;

const state = { produced: 0, closed: 0, finished: 0, aborted: '' };
/** `X-A` is as long as 600000 modulo 64 then: the cache of heads goes by lengths. */
const SECRET_REPEATS = 32;
const MEGABYTE = Buffer.alloc(1 << 20, 'm');

function ok(
  startResponse: StartResponse,
  headers: readonly (readonly [string, string])[] = [],
): ReturnType<StartResponse> {
  return startResponse('200 OK', [['Content-Type', 'text/plain'], ...headers]);
}

/** Counts its pieces, its end and its close. */
class Counted {
  readonly #pieces: number;
  readonly #piece: Buffer;

  constructor(pieces: number, piece: Buffer) {
    this.#pieces = pieces;
    this.#piece = piece;
  }

  *[Symbol.iterator](): Generator<Buffer> {
    try {
      for (let i = 0; i < this.#pieces; i++) {
        state.produced += 1;
        yield this.#piece;
      }
    } finally {
      state.finished += 1;
    }
  }

  close(): void {
    state.closed += 1;
  }
}

async function sha256(body: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of body) hash.update(piece);
  return hash.digest('hex');
}

const returns: Readonly<
  Record<string, (environ: Environ, file: string) => ResponseBody | Promise<ResponseBody>>
> = {
  string: () => 'Gr\u00fc\u00dfe',
  bytes: () => new TextEncoder().encode('bytes'),
  list: () => ['a', Buffer.from('b'), 'c'],
  empty: () => [],
  nothing: () => undefined,
  promise: () => Promise.resolve('promised'),
  *generator() {
    yield 'g1 ';
    yield 'g2';
  },
  async *'async-generator'() {
    yield 'a1 ';
    await new Promise((resolve) => setImmediate(resolve));
    yield 'a2';
  },
  readable: () => Readable.from(['r1 ', 'r2']),
  web: () => ReadableStream.from(['w1 ', 'w2']),
  path: (environ, file) => environ['wsgi.file_wrapper'](file),
  handle: async (environ, file) => environ['wsgi.file_wrapper'](await open(file)),
  'read-stream': (environ, file) => environ['wsgi.file_wrapper'](createReadStream(file)),
};

const handlers: Readonly<Record<string, Handler>> = {
  returns(environ, startResponse, kind) {
    ok(startResponse);
    return returns[kind]?.(environ, process.env['TEST_FILE'] ?? '');
  },
  async write(_environ, startResponse) {
    const write = ok(startResponse);
    await write('one ');
    await new Promise((resolve) => setImmediate(resolve));
    await write(Buffer.from('two'));
  },
  environ(environ, startResponse) {
    ok(startResponse);
    const entries = Object.entries(environ).filter(([, value]) =>
      ['string', 'boolean', 'number'].includes(typeof value),
    );
    return JSON.stringify(Object.fromEntries(entries));
  },
  produce(_environ, startResponse, pieces) {
    ok(startResponse);
    return new Counted(Number(pieces), MEGABYTE) as Iterable<Buffer>;
  },
  hash: async (environ, startResponse) => {
    const digest = await sha256(environ['wsgi.input']);
    ok(startResponse);
    return digest;
  },
  'read-all': (environ, startResponse) => {
    const body = environ['wsgi.input'].read();
    ok(startResponse);
    return createHash('sha256').update(body).digest('hex');
  },
  echo(environ, startResponse) {
    ok(startResponse);
    return environ['wsgi.input'].toReadable();
  },
  lines(environ, startResponse) {
    const lines = [...environ['wsgi.input']].map(String);
    ok(startResponse);
    return JSON.stringify(lines);
  },
  async hold(environ, startResponse) {
    const signal = environ['tsuwsgi.signal'];
    state.produced += 1;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    state.aborted = (signal.reason as { reason: string }).reason;
    ok(startResponse);
    return 'too late';
  },
  throw: () => {
    throw new Error('thrown on purpose');
  },
  reject: () => Promise.reject(new Error('rejected on purpose')),
  async *late(_environ: Environ, startResponse: StartResponse) {
    ok(startResponse);
    yield 'first';
    await Promise.resolve();
    throw new Error('late on purpose');
  },
  header(_environ, startResponse) {
    ok(startResponse, [['X-Bad', 'a\r\nSet-Cookie: evil=1']]);
    return 'x';
  },
  /** A secret that the same head has each time, in the cache's place of the heads of `large`. */
  secret(_environ, startResponse) {
    startResponse('200 OK', [['X-A', 'secret'.repeat(SECRET_REPEATS)]]);
    return 'own';
  },
  large(_environ, startResponse, bytes) {
    startResponse('200 OK', [['X-A', 'v'.repeat(Number(bytes))]]);
    return 'h'.repeat(10_000);
  },
  length(_environ, startResponse, declared) {
    ok(startResponse, [['Content-Length', declared]]);
    return 'four';
  },
  short(_environ, startResponse, declared) {
    ok(startResponse, [['Content-Length', declared]]);
    return new Set(['fo', 'ur']);
  },
  'unhandled-rejection': (_environ, startResponse) => {
    void Promise.reject(new Error('forgotten on purpose'));
    ok(startResponse);
    return 'x';
  },
  'timer-throws': (_environ, startResponse) => {
    setImmediate(() => {
      throw new Error('uncaught on purpose');
    });
    ok(startResponse);
    return 'x';
  },
  log(environ, startResponse) {
    environ['wsgi.errors'].write('a line from the application\n');
    ok(startResponse);
    return 'x';
  },
  pid(_environ, startResponse) {
    ok(startResponse);
    return String(process.pid);
  },
  state(_environ, startResponse) {
    ok(startResponse);
    return JSON.stringify(state);
  },
};

export const application: Application = (environ, startResponse) => {
  const [, name = '', argument = ''] = environ.PATH_INFO.split('/');
  const handler = handlers[name];
  if (handler !== undefined) return handler(environ, startResponse, argument);
  startResponse('404 Not Found', []);
  return `no ${name}`;
};
