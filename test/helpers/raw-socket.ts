/** A client that sends exactly the bytes a test gives it and reads what comes back, with a limit on every wait. */
import { connect, type Socket } from 'node:net';
import { onCleanup } from './cleanup.js';
import { readHttpResponse, type ByteSource, type HttpResponse } from './http-response.js';
import { DEFAULT_LIMIT_MS, within, withResolvers } from './wait-until.js';

export type Ending = 'end' | 'reset';

export interface RawSocketOptions {
  readonly host?: string;
  /** For every wait of this socket. */
  readonly limitMs?: number;
  readonly localAddress?: string;
}

export interface ReadOptions {
  /** Method of the request that is answered; matters for HEAD. */
  readonly method?: string;
  /** Skip 1xx responses (default) or return them. */
  readonly interim?: 'skip' | 'return';
}

/** The peer closed or reset the connection where more bytes were expected. */
export class ConnectionEndedError extends Error {
  readonly ending: Ending;

  constructor(ending: Ending, what: string, received: Buffer) {
    const how = ending === 'end' ? 'closed' : 'reset';
    super(
      `connection ${how} while reading ${what}; unread: ${JSON.stringify(received.toString('latin1'))}`,
    );
    this.name = 'ConnectionEndedError';
    this.ending = ending;
  }
}

export class RawSocket implements ByteSource {
  readonly #socket: Socket;
  readonly #limitMs: number;
  /** Joined only when somebody looks at them: a large body is copied once. */
  #chunks: Buffer[] = [];
  #length = 0;
  #ending: Ending | undefined;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket, limitMs: number) {
    this.#socket = socket;
    this.#limitMs = limitMs;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      this.#wake();
    });
    socket.on('end', () => this.#ended('end'));
    socket.on('error', () => this.#ended('reset'));
    socket.on('close', () => this.#ended('end'));
  }

  /**
   * Connects to a TCP port, or to the path of a UNIX socket; the socket is destroyed when the test is over. Rejects
   * with the system's error.
   */
  static async connect(
    target: number | string,
    options: RawSocketOptions = {},
  ): Promise<RawSocket> {
    const limitMs = options.limitMs ?? DEFAULT_LIMIT_MS;
    const { promise, resolve, reject } = withResolvers<undefined>();
    const tcp = {
      host: options.host ?? '127.0.0.1',
      port: Number(target),
      ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
    };
    const where = typeof target === 'string' ? { path: target } : tcp;
    const socket = connect({ ...where, allowHalfOpen: true });
    socket.once('error', reject);
    socket.once('connect', () => resolve(undefined));
    onCleanup(() => void socket.destroy());
    await within(promise, `a connection to ${target}`, limitMs);
    socket.off('error', reject);
    return new RawSocket(socket, limitMs);
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  /** How the peer ended the connection; undefined while it is open. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Bytes received and not read yet. */
  get unread(): Buffer {
    const [first, ...rest] = this.#chunks;
    if (first !== undefined && rest.length === 0) return first;
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }

  /** Hands bytes to the kernel (strings as latin1). Resolves when it took them, or the connection is gone. */
  async send(bytes: string | Uint8Array): Promise<void> {
    const { promise, resolve } = withResolvers<undefined>();
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    this.#socket.write(data, () => resolve(undefined));
    await within(promise, 'the kernel to take the bytes', this.#limitMs);
  }

  /** Sends every byte with its own write, each after the one before was taken. */
  async sendByteByByte(bytes: string | Uint8Array): Promise<void> {
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    for (let at = 0; at < data.length; at += 1) await this.send(data.subarray(at, at + 1));
  }

  /** Ends the sending direction (FIN); receiving goes on. */
  halfClose(): void {
    this.#socket.end();
  }

  /** Aborts with RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Stops taking bytes from the kernel, so that the peer's window fills. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  async readResponse(options: ReadOptions = {}): Promise<HttpResponse> {
    for (;;) {
      const response = await readHttpResponse(this, options.method);
      if (response.status >= 200 || options.interim === 'return') return response;
    }
  }

  /** Sends a request and reads its response. */
  async request(bytes: string | Uint8Array, options: ReadOptions = {}): Promise<HttpResponse> {
    await this.send(bytes);
    return this.readResponse(options);
  }

  /** Reads `count` responses, in order. */
  async readResponses(count: number, options: ReadOptions = {}): Promise<HttpResponse[]> {
    const responses: HttpResponse[] = [];
    while (responses.length < count) responses.push(await this.readResponse(options));
    return responses;
  }

  async readUntil(delimiter: string, what: string): Promise<Buffer> {
    let searchedTo = 0;
    for (;;) {
      const at = this.unread.indexOf(delimiter, searchedTo, 'latin1');
      if (at >= 0) return this.#take(at + delimiter.length);
      searchedTo = Math.max(0, this.#length - delimiter.length + 1);
      await this.#more(what);
    }
  }

  async readExactly(count: number, what: string): Promise<Buffer> {
    while (this.#length < count) await this.#more(what);
    return this.#take(count);
  }

  /** Everything until the peer closes. A reset is an error: bytes may be missing. */
  async readToEnd(): Promise<Buffer> {
    await this.waitForEnding();
    if (this.#ending === 'reset') throw this.#endedError('reset', 'to the end');
    return this.#take(this.#length);
  }

  /** Waits until the peer closed or reset, whatever it sends before. */
  async waitForEnding(): Promise<Ending> {
    while (this.#ending === undefined) await this.#change('the end of the connection');
    return this.#ending;
  }

  #take(count: number): Buffer {
    const whole = this.unread;
    this.#chunks = [whole.subarray(count)];
    this.#length -= count;
    return whole.subarray(0, count);
  }

  async #more(what: string): Promise<void> {
    if (this.#ending !== undefined) throw this.#endedError(this.#ending, what);
    await this.#change(what);
  }

  async #change(what: string): Promise<void> {
    const { promise, resolve } = withResolvers<undefined>();
    this.#wake = () => resolve(undefined);
    const unread = (): string => `unread: ${JSON.stringify(this.unread.toString('latin1'))}`;
    await within(promise, what, this.#limitMs, unread);
  }

  #ended(ending: Ending): void {
    this.#ending ??= ending;
    this.#wake();
  }

  #endedError(ending: Ending, what: string): ConnectionEndedError {
    return new ConnectionEndedError(ending, what, this.unread);
  }
}

/** One request on a connection of its own, which is closed afterwards. */
export async function requestOnce(
  port: number | string,
  bytes: string | Uint8Array,
  options: RawSocketOptions & ReadOptions = {},
): Promise<HttpResponse> {
  const socket = await RawSocket.connect(port, options);
  try {
    return await socket.request(bytes, options);
  } finally {
    socket.close();
  }
}
