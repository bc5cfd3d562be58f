import type { AbortCause, RequestAbortedError } from '../../app/errors.js';
import type { Environ } from '../../app/types.js';
import type { Logger } from '../../log/logger.js';
import type { HeadCache } from './head-cache.js';
import type { Outbox, RequestName } from './outbox.js';
import type { RequestBody } from './request-body.js';

export type GatewayLog = Pick<Logger, 'warn' | 'error'>;

/** Takes a request from the core's batch. A throw costs that request and no other. */
export type ServeRequest = (
  gateway: Gateway,
  slot: number,
  generation: number,
  environ: Environ,
  body: RequestBody,
) => void;

/** A request that outlived its dispatch: what the core has to say of it goes here. */
export interface LiveExchange extends RequestName {
  /** The streamed body's events. */
  readonly input: {
    push(piece: Buffer): void;
    end(): void;
    abort(reason: RequestAbortedError): void;
  };
  /** The client took what was written. */
  writable(): void;
  /** The request is gone. */
  abort(cause: AbortCause): void;
  /** When it outlived its call, by the table's clock; only with `expire`. */
  readonly since?: number;
  /** `environ['tsuwsgi.signal']`: what its own limit is kept by. */
  readonly signal?: AbortSignal;
  /** It has taken longer than it may (`--harakiri`). */
  expire?(ageMs: number): void;
  /** Its worker drains, and its response has begun and goes on: its signal aborts, what it writes is sent all the same. */
  askToEnd?(): void;
}

/** What all exchanges of a process share. */
export interface Gateway {
  readonly outbox: Outbox;
  readonly heads: HeadCache;
  readonly exchanges: ExchangeTable;
  readonly log: GatewayLog;
  /** Written body bytes after which a response waits for WRITABLE. */
  readonly highWaterBytes: number;
}

/**
 * Requests that outlived the call that started them, by the core's slot. Loop index and slot are
 * one number.
 */
export class ExchangeTable {
  readonly #bySlot = new Map<number, LiveExchange>();
  /** When the last call began, in milliseconds of performance.now(); 0 where nobody keeps deadlines. */
  now = 0;
  /** Requests whose application threw, and requests that were ended by their deadline. */
  failures = 0;
  expired = 0;

  get size(): number {
    return this.#bySlot.size;
  }

  add(exchange: LiveExchange): void {
    this.#bySlot.set(exchange.slot, exchange);
  }

  /** The exchange of this slot, unless the slot has been given to another request since. */
  get(slot: number, generation: number): LiveExchange | undefined {
    const exchange = this.#bySlot.get(slot);
    return exchange?.generation === generation ? exchange : undefined;
  }

  delete(exchange: LiveExchange): void {
    if (this.#bySlot.get(exchange.slot) === exchange) this.#bySlot.delete(exchange.slot);
  }

  /** In the order in which they outlived their calls. */
  oldestFirst(): IterableIterator<LiveExchange> {
    return this.#bySlot.values();
  }

  /** Aborts everything that runs; for a shutdown that does not wait. */
  abortAll(cause: AbortCause): void {
    for (const exchange of [...this.#bySlot.values()]) exchange.abort(cause);
  }
}
