import { GatewayError } from '../../app/errors.js';
import type { Chunk, Header } from '../../app/types.js';
import type { OpenFile } from './file-body.js';
import type { Gateway } from './gateway.js';
import { EMPTY_BODY, UNDECLARED } from './outbox.js';
import { toBytes } from './raw-buffer.js';
import type { ResponseHead } from './response-head.js';

/** Nothing has been sent; the head has; all has; the core ended it. */
const OPEN = 0;
const STREAMING = 1;
const FINISHED = 2;
const GONE = 3;
type State = typeof OPEN | typeof STREAMING | typeof FINISHED | typeof GONE;

const FAILURE_HEADERS: readonly Header[] = [['Content-Type', 'text/plain; charset=utf-8']];

/**
 * What of a response has been sent, and what may still be: its head before its body, a body of the length that was
 * declared, none where the request or the status forbids one, nothing after the end. The request that it answers extends
 * it, so that a request costs one object.
 */
export abstract class OutgoingResponse {
  // Declared here and assigned in the constructor: fields that a class with subclasses defines cost each request 14 ns.
  declare readonly slot: number;
  declare readonly generation: number;
  declare readonly method: string;
  declare protected readonly gateway: Gateway;
  declare private state: State;
  declare private head: ResponseHead | undefined;
  /** The Content-Length that binds the body. */
  declare private declared: number;
  /** Body bytes sent. */
  declare private sent: number;
  /** Body bytes written since the core last said WRITABLE; it counts the same. */
  declare private unacknowledged: number;

  constructor(gateway: Gateway, slot: number, generation: number, method: string) {
    this.gateway = gateway;
    this.slot = slot;
    this.generation = generation;
    this.method = method;
    this.state = OPEN;
    this.head = undefined;
    this.declared = UNDECLARED;
    this.sent = 0;
    this.unacknowledged = 0;
  }

  /** Whether the response is complete, or cannot be any more. */
  get over(): boolean {
    return this.state >= FINISHED;
  }

  /** Whether bytes of the response are on their way. */
  get begun(): boolean {
    return this.state !== OPEN;
  }

  /** Whether the core ended it before it was complete. */
  protected get gone(): boolean {
    return this.state === GONE;
  }

  /** Whether `setHead` was called. */
  protected get hasHead(): boolean {
    return this.head !== undefined;
  }

  /** The response is complete, or was cut: nothing more is sent. Called once, unless it is gone. */
  protected abstract finished(): void;

  /** The head was sent, and the body follows in pieces. */
  protected abstract streams(): void;

  /** The response cannot be completed as it should. */
  abstract fail(error: unknown): void;

  /** The body was longer than its Content-Length; what was beyond is not sent. */
  protected abstract cut(error: GatewayError): void;

  /** Status and headers, sent with the first byte of the body; until then they can be replaced. */
  protected setHead(status: string, headers: readonly Header[]): void {
    const { heads } = this.gateway;
    this.head = heads.lookup(status, headers);
    this.declared = heads.declared;
  }

  /** The body that follows has `total` bytes. Throws where another length was declared. */
  expectLength(total: number): void {
    if (this.state !== OPEN) return;
    if (this.declared === UNDECLARED) this.declared = total;
    const bodyless = this.head !== undefined && this.#bodyless(this.head.code);
    if (this.declared !== total && !bodyless) throw this.#lengthError(total);
  }

  /** The whole body at once; after pieces, the last one. */
  complete(body: Chunk): void {
    if (this.state !== OPEN) {
      this.#completeStreaming(body);
      return;
    }
    const head = this.#requireHead();
    const bodyless = this.#bodyless(head.code);
    const sendable = head.code === 204 || head.code === 304 ? EMPTY_BODY : body;
    const declared = head.code === 204 ? UNDECLARED : this.declared;
    const { outbox } = this.gateway;
    if (outbox.respond(this, head, declared, sendable, bodyless) < 0) {
      throw this.#lengthError(typeof body === 'string' ? Buffer.byteLength(body) : body.length);
    }
    this.conclude();
  }

  #completeStreaming(body: Chunk): void {
    if (this.state !== STREAMING) return;
    this.send(body);
    this.end();
  }

  /**
   * Sends a file as the whole body. False where nothing of it is sent: then the descriptor is still
   * the caller's.
   */
  completeWithFile(file: OpenFile): boolean {
    const head = this.#requireHead();
    const length = this.declared === UNDECLARED ? file.length : this.declared;
    if (length > file.length) throw this.#lengthError(file.length);
    if (this.#bodyless(head.code) || length === 0) {
      this.declared = length;
      this.complete(EMPTY_BODY);
      return false;
    }
    const { outbox } = this.gateway;
    outbox.begin(this, head, length);
    outbox.file(this, file.fd, file.start, length);
    outbox.end(this);
    this.conclude();
    return true;
  }

  /** `wait`: the client does not take it as fast; `stop`: nothing more can be sent. */
  send(chunk: Chunk): 'more' | 'wait' | 'stop' {
    if (this.state >= FINISHED) return 'stop';
    const bytes = toBytes(chunk);
    if (bytes.length === 0) return 'more';
    if (this.state === OPEN && !this.#begin()) return 'stop';
    const room = this.declared === UNDECLARED ? bytes.length : this.declared - this.sent;
    const fitting = bytes.length <= room ? bytes : bytes.subarray(0, room);
    this.gateway.outbox.chunk(this, fitting);
    this.sent += fitting.length;
    this.unacknowledged += fitting.length;
    if (fitting !== bytes) {
      this.cut(this.#lengthError(this.sent - fitting.length + bytes.length));
      this.end();
      return 'stop';
    }
    return this.unacknowledged < this.gateway.highWaterBytes ? 'more' : 'wait';
  }

  /** The core says that the client took what was sent. */
  protected taken(): void {
    this.unacknowledged = 0;
  }

  /** The body is complete. */
  end(): void {
    if (this.state === OPEN) {
      try {
        this.complete(EMPTY_BODY);
      } catch (error) {
        this.fail(error);
      }
    } else if (this.state === STREAMING) {
      if (this.declared !== UNDECLARED && this.sent < this.declared)
        this.fail(this.#lengthError(this.sent));
      else {
        this.gateway.outbox.end(this);
        this.conclude();
      }
    }
  }

  /** Sends what is written so far without waiting for the end of the turn. */
  flush(): void {
    this.gateway.outbox.flush();
  }

  /**
   * What a request that cannot be answered gets: `status` while nothing has been sent, a cut connection after that. To be
   * followed by `conclude` or `lose`.
   */
  protected answerOrCut(status: string, text: string): void {
    const { outbox, heads } = this.gateway;
    if (this.state === OPEN) {
      const head = heads.lookup(status, FAILURE_HEADERS);
      outbox.respond(this, head, UNDECLARED, text, this.method === 'HEAD');
    } else {
      // What was sent before the error still reaches the client: an answer that ends early is not
      // taken for one that never came.
      outbox.flush();
      outbox.abort(this);
    }
  }

  /** The core ended the request: nothing more can be sent. */
  protected lose(): void {
    this.state = GONE;
  }

  /**
   * Sends the head of a streamed response; false where the body is not sent and the response
   * complete.
   */
  #begin(): boolean {
    const head = this.#requireHead();
    const { outbox } = this.gateway;
    if (this.#bodyless(head.code)) {
      this.complete(EMPTY_BODY);
      return false;
    }
    outbox.begin(this, head, this.declared);
    this.state = STREAMING;
    this.streams();
    return true;
  }

  #requireHead(): ResponseHead {
    if (this.head !== undefined) return this.head;
    throw new GatewayError(
      'ERR_TSUWSGI_START_RESPONSE',
      'the application gave a response body without calling startResponse',
    );
  }

  #bodyless(code: number): boolean {
    return code === 204 || code === 304 || this.method === 'HEAD';
  }

  #lengthError(actual: number): GatewayError {
    return new GatewayError(
      'ERR_TSUWSGI_CONTENT_LENGTH',
      `Content-Length is ${this.declared}, but the body has ${actual} bytes`,
    );
  }

  protected conclude(): void {
    this.state = FINISHED;
    this.finished();
  }
}
