/**
 * `--harakiri` inside a worker: a request that is too old is answered 504 and its signal aborts, its neighbours go on.
 * Needs an event loop that turns; a blocked one is the master's affair.
 */
import type { ExchangeTable, ServeRequest } from './gateway.js';

/** How exactly deadlines are kept. */
const TICK_MS = 250;

/**
 * Stamps every call: the time since the last tick may have been another request's, which blocked the event loop, and is
 * not to be charged to this one.
 */
export function timedCalls(serve: ServeRequest): ServeRequest {
  return (gateway, slot, generation, environ, body) => {
    gateway.exchanges.now = performance.now();
    serve(gateway, slot, generation, environ, body);
  };
}

export class Deadlines {
  readonly #limitMs: number;
  readonly #exchanges: ExchangeTable;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, exchanges: ExchangeTable) {
    this.#limitMs = limitMs;
    this.#exchanges = exchanges;
  }

  start(): void {
    this.#timer = setInterval(() => this.check(performance.now()), TICK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Requests stand in the order of their begin, so the first one that is young enough ends the look. */
  check(now: number): void {
    for (const exchange of this.#exchanges.oldestFirst()) {
      if (exchange.since === undefined || exchange.expire === undefined) continue;
      const ageMs = now - exchange.since;
      if (ageMs < this.#limitMs) return;
      exchange.expire(ageMs);
    }
  }
}
