import type { Socket } from 'node:net';
import type { BufferedBody, RequestBody, StreamedBody } from '../worker/gateway/request-body.js';
import { writeKeepingAnswer } from './write-keeping-answer.js';

const PIECE_BYTES = 64 * 1024;

/**
 * Sends a request to a backend as fast as that takes it: a buffered body, which can be sent again on another
 * connection, or one that is still arriving.
 */
export class BodySender {
  readonly #socket: Socket;
  readonly #body: RequestBody;
  readonly #failed: (error: Error) => void;
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
    void this.#send(packet);
  }

  stop(): void {
    this.#stopped = true;
  }

  async #send(packet: Buffer): Promise<void> {
    try {
      if (this.#body.kind === 'buffered') await this.#sendBuffered(packet, this.#body);
      else await this.#sendStreamed(packet, this.#body);
    } catch (error) {
      if (!this.#stopped) this.#failed(error as Error);
    }
  }

  /** A small body is in one write with the packet: the backend finds both. */
  async #sendBuffered(packet: Buffer, body: BufferedBody): Promise<void> {
    const first = pieceOf(body, 0);
    let position = first.length;
    let taken = await writeKeepingAnswer(this.#socket, Buffer.concat([packet, first]));
    while (taken && !this.#stopped && position < body.length) {
      const piece = pieceOf(body, position);
      position += piece.length;
      taken = await writeKeepingAnswer(this.#socket, piece);
    }
  }

  async #sendStreamed(packet: Buffer, body: StreamedBody): Promise<void> {
    let taken = await writeKeepingAnswer(this.#socket, packet);
    while (taken && !this.#stopped) {
      const piece = await this.#next(body);
      if (piece === undefined || this.#isStopped()) return;
      taken = await writeKeepingAnswer(this.#socket, piece);
    }
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  async #next(body: StreamedBody): Promise<Buffer | undefined> {
    this.#waitsForClient = true;
    try {
      return await body.next();
    } finally {
      this.#waitsForClient = false;
    }
  }
}

function pieceOf(body: BufferedBody, position: number): Buffer {
  const piece = body.read(position, PIECE_BYTES);
  if (piece.length === 0 && position < body.length) {
    throw new Error('the buffered body is shorter than it was');
  }
  return piece;
}
