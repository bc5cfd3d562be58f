import type { AbortCause } from '../app/errors.js';
import type { Logger } from '../log/logger.js';
import type { Exchange } from './exchange.js';
import type { HeadCache } from './head-cache.js';
import type { Outbox } from './outbox.js';

export type GatewayLog = Pick<Logger, 'warn' | 'error'>;

/** What all exchanges of a worker share. */
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
  readonly #bySlot = new Map<number, Exchange>();

  get size(): number {
    return this.#bySlot.size;
  }

  add(exchange: Exchange): void {
    this.#bySlot.set(exchange.slot, exchange);
  }

  /** The exchange of this slot, unless the slot has been given to another request since. */
  get(slot: number, generation: number): Exchange | undefined {
    const exchange = this.#bySlot.get(slot);
    return exchange?.generation === generation ? exchange : undefined;
  }

  delete(exchange: Exchange): void {
    if (this.#bySlot.get(exchange.slot) === exchange) this.#bySlot.delete(exchange.slot);
  }

  /** Aborts everything that runs; for a shutdown that does not wait. */
  abortAll(cause: AbortCause): void {
    for (const exchange of [...this.#bySlot.values()]) exchange.abort(cause);
  }
}
