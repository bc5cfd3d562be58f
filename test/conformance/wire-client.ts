import { connect, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { ResponseReader, type WireResponse } from './response-reader.js';

export interface WireAddress {
  readonly host: string;
  readonly port: number;
}

export interface Transcript {
  readonly responses: readonly WireResponse[];
  /** Bytes arrived that are no response. */
  readonly junk: boolean;
  readonly closed: boolean;
  readonly reset: boolean;
}

type Done = () => boolean;

/** A turn of the event loop: what has arrived by then is seen before the next write. */
const nextTurn = promisify(setImmediate);

/**
 * The client's end of one connection. Half-open sockets stay open on purpose: a server's FIN and the client's are
 * separate facts here. Every wait has a limit in milliseconds and tells whether its condition came true.
 */
export class WireClient {
  readonly reader: ResponseReader;
  closed = false;
  reset = false;
  private readonly socket: Socket;
  private waiter: (() => void) | undefined;

  private constructor(socket: Socket, reader: ResponseReader) {
    this.socket = socket;
    this.reader = reader;
    socket.on('data', (bytes: Buffer) => {
      reader.push(bytes);
      this.waiter?.();
    });
    socket.on('end', () => this.finish(false));
    socket.on('error', () => this.finish(true));
    socket.on('close', () => this.finish(this.reset));
  }

  /** `from` is the loopback address to come from: the server's log tells connections apart by it. */
  static async open(
    to: WireAddress,
    from: string,
    isHead: (index: number) => boolean,
  ): Promise<WireClient> {
    const socket = connect({ ...to, localAddress: from, allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new WireClient(socket, new ResponseReader(isHead));
  }

  /** In pieces of `piece` bytes, each a write of its own; stops when the server has closed. */
  async send(bytes: Buffer, piece: number): Promise<void> {
    for (let at = 0; at < bytes.length && !this.closed; at += piece) {
      this.socket.write(bytes.subarray(at, at + piece));
      await nextTurn();
    }
  }

  halfClose(): void {
    if (!this.closed) this.socket.end();
  }

  /** Until `done` holds, the server closes, or the time is over. */
  async waitFor(done: Done, limitMs: number): Promise<void> {
    const limit = { passed: false };
    const timer = setTimeout(() => {
      limit.passed = true;
      this.waiter?.();
    }, limitMs);
    while (!done() && !this.closed && !limit.passed) await this.change();
    clearTimeout(timer);
  }

  private async change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.waiter = resolve;
    });
    this.waiter = undefined;
  }

  destroy(): void {
    this.socket.destroy();
  }

  transcript(): Transcript {
    const { responses, junk } = this.reader;
    return { responses: [...responses], junk, closed: this.closed, reset: this.reset };
  }

  private finish(reset: boolean): void {
    if (!this.closed) {
      this.closed = true;
      this.reset = reset;
      this.reader.end();
    }
    this.waiter?.();
  }
}
