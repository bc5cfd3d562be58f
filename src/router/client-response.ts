import type { Header } from '../app/types.js';
import type { Gateway } from '../worker/gateway/gateway.js';
import { EMPTY_BODY, UNDECLARED, type RequestName } from '../worker/gateway/outbox.js';
import type { BufferBudget } from './buffer-budget.js';
import type { BackendHead } from './response-head-parser.js';

const CLOSE: Header = ['Connection', 'close'];

export interface ClientResponseOptions extends RequestName {
  readonly gateway: Gateway;
  readonly method: string;
  readonly budget: BufferBudget;
  /** Close the client's connection after the response. */
  readonly close: boolean;
  /** What was held back can come. */
  readonly onRoom: () => void;
  /** The response is complete or cut, and the request gone. */
  readonly onOver: () => void;
}

/**
 * The response to the client. Takes what the backend sends as fast as it comes, up to the budget, so that the backend
 * is free before a slow client has everything.
 */
export class ClientResponse {
  readonly #options: ClientResponseOptions;
  #state: 'open' | 'streaming' | 'over' = 'open';
  /** Not handed to the core yet. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** Handed over since the core last said WRITABLE; it counts the same. */
  #unacknowledged = 0;
  #ended = false;
  #full = false;

  constructor(options: ClientResponseOptions) {
    this.#options = options;
  }

  get begun(): boolean {
    return this.#state !== 'open';
  }

  get over(): boolean {
    return this.#state === 'over';
  }

  /**
   * Sends the backend's head. Returns whether a body may follow; where none may, the response is complete. Throws a
   * GatewayError where the head is none that may be sent.
   */
  begin(head: BackendHead): boolean {
    const { gateway, method, close } = this.#options;
    const headers = close ? [...head.headers, CLOSE] : head.headers;
    const encoded = gateway.heads.lookup(head.status, headers);
    const { declared } = gateway.heads;
    if (method !== 'HEAD' && head.code !== 204 && head.code !== 304) {
      gateway.outbox.begin(this.#options, encoded, declared);
      this.#state = 'streaming';
      return true;
    }
    const length = head.code === 204 ? UNDECLARED : declared;
    gateway.outbox.respond(this.#options, encoded, length, EMPTY_BODY, true);
    this.#finish();
    return false;
  }

  /** A response of the router itself. */
  respond(status: string, headers: readonly Header[], body: string): void {
    const { gateway, method } = this.#options;
    const head = gateway.heads.lookup(status, headers);
    gateway.outbox.respond(this.#options, head, UNDECLARED, body, method === 'HEAD');
    this.#finish();
  }

  /** Returns whether more can be taken now; `onRoom` tells when, where not. */
  write(chunk: Buffer): boolean {
    if (this.#state !== 'streaming') return true;
    if (this.#waiting.length === 0 && this.#mayHandOver()) {
      this.#handOver(chunk);
      return true;
    }
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#full = !this.#options.budget.take(chunk.length, this.#waitingBytes);
    return !this.#full;
  }

  /** The body is complete; what waits is still sent. */
  end(): void {
    this.#ended = true;
    this.#endWhenSent();
  }

  /** Cuts the connection: the response cannot be completed. What was handed over still reaches the client. */
  cut(): void {
    if (this.#state === 'over') return;
    const { gateway } = this.#options;
    gateway.outbox.flush();
    gateway.outbox.abort(this.#options);
    this.#finish();
  }

  /** The core says that the request is gone. */
  abandon(): void {
    if (this.#state !== 'over') this.#finish();
  }

  /** The core says that the client took what was handed over. */
  writable(): void {
    this.#unacknowledged = 0;
    while (this.#waiting.length > 0 && this.#mayHandOver()) {
      const chunk = this.#waiting.shift() as Buffer;
      this.#waitingBytes -= chunk.length;
      this.#options.budget.give(chunk.length);
      this.#handOver(chunk);
    }
    this.#endWhenSent();
    if (
      this.#full &&
      this.#state === 'streaming' &&
      this.#options.budget.hasRoom(this.#waitingBytes)
    ) {
      this.#full = false;
      this.#options.onRoom();
    }
  }

  #mayHandOver(): boolean {
    return this.#unacknowledged < this.#options.gateway.highWaterBytes;
  }

  #handOver(chunk: Buffer): void {
    const { gateway } = this.#options;
    gateway.outbox.chunk(this.#options, chunk);
    this.#unacknowledged += chunk.length;
  }

  #endWhenSent(): void {
    if (!this.#ended || this.#waiting.length > 0 || this.#state !== 'streaming') return;
    const { gateway } = this.#options;
    gateway.outbox.end(this.#options);
    this.#finish();
  }

  #finish(): void {
    this.#state = 'over';
    this.#options.budget.give(this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#options.onOver();
  }
}
