import type { Socket } from 'node:net';
import type { BufferedBody, RequestBody, StreamedBody } from '../worker/gateway/request-body.js';

const PIECE_BYTES = 64 * 1024;

/**
 * Sends a request to a backend as fast as that takes it: a buffered body, which can be sent again on another
 * connection, or one that is still arriving.
 */
export class BodySender {
  readonly #socket: Socket;
  readonly #body: RequestBody;
  readonly #failed: (error: Error) => void;
  #position = 0;
  #stopped = false;
  #waitsForClient = false;

  constructor(socket: Socket, body: RequestBody, failed: (error: Error) => void) {
    this.#socket = socket;
    this.#body = body;
    this.#failed = failed;
  }

  /** The backend has everything that the client has sent so far. */
  get waitsForClient(): boolean {
    return this.#waitsForClient;
  }

  start(packet: Buffer): void {
    this.#socket.cork();
    this.#socket.write(packet);
    if (this.#body.kind === 'buffered') this.#startBuffered(this.#body);
    else void this.#stream(this.#body);
    this.#socket.uncork();
  }

  stop(): void {
    this.#stopped = true;
  }

  #startBuffered(body: BufferedBody): void {
    if (body.length === 0) return;
    this.#socket.on('drain', () => this.#sendBuffered(body));
    this.#sendBuffered(body);
  }

  #sendBuffered(body: BufferedBody): void {
    while (!this.#stopped && this.#position < body.length) {
      const piece = this.#read(body);
      if (piece === undefined) return;
      this.#position += piece.length;
      if (!this.#socket.write(piece)) return;
    }
  }

  #read(body: BufferedBody): Buffer | undefined {
    try {
      const piece = body.read(this.#position, PIECE_BYTES);
      if (piece.length > 0) return piece;
      this.#failed(new Error('the buffered body is shorter than it was'));
    } catch (error) {
      this.#failed(error as Error);
    }
    return undefined;
  }

  async #stream(body: StreamedBody): Promise<void> {
    try {
      while (!this.#isStopped()) {
        this.#waitsForClient = true;
        const piece = await body.next();
        this.#waitsForClient = false;
        if (piece === undefined || this.#isStopped()) return;
        if (!this.#socket.write(piece)) await this.#drained();
      }
    } catch (error) {
      this.#waitsForClient = false;
      if (!this.#stopped) this.#failed(error as Error);
    }
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  /** Resolves when the backend has taken what was written, or never will. */
  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done).off('close', done);
        resolve();
      };
      this.#socket.on('drain', done).on('close', done);
    });
  }
}
