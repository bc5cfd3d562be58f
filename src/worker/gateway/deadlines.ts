/**
 * `--harakiri` inside a worker: a request that is too old is answered 504 (its connection is cut where bytes have gone
 * out) and its signal aborts with the reason `deadline`; its neighbours go on. Needs an event loop that turns; a blocked
 * one is the master's affair.
 */
import { performance } from 'node:perf_hooks';
import type { ExchangeTable, LiveExchange, ServeRequest } from './gateway.js';
import type { OwnLimits } from './own-limits.js';

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
  readonly #own: OwnLimits;
  #timer: NodeJS.Timeout | undefined;

  /** `limitMs`: of requests without a limit of their own; 0: none. */
  constructor(limitMs: number, exchanges: ExchangeTable, own: OwnLimits) {
    this.#limitMs = limitMs;
    this.#exchanges = exchanges;
    this.#own = own;
  }

  start(): void {
    this.#own.added = (signal) => this.#ownLimitAdded(signal);
    if (this.#limitMs > 0) this.#tick();
  }

  stop(): void {
    this.#own.added = () => undefined;
    clearInterval(this.#timer);
  }

  /** Of a request that outlived its call; others are told where their call is watched, or at the next tick. */
  #ownLimitAdded(signal: AbortSignal): void {
    if (this.#own.get(signal)?.told === false) this.#tell(signal);
    this.#tick();
  }

  #tell(signal: AbortSignal): void {
    for (const exchange of this.#exchanges.oldestFirst())
      if (exchange.signal === signal) this.#own.tellOnce(signal, exchange);
  }

  /** Where requests have no limit, nobody looks until one asks for it. */
  #tick(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.check(performance.now()), TICK_MS);
    this.#timer.unref();
  }

  check(now: number): void {
    if (this.#own.size > 0) this.#checkAll(now);
    else if (this.#limitMs > 0) this.#checkOldest(now);
  }

  /** Requests stand in the order of their begin, so the first one that is young enough ends the look. */
  #checkOldest(now: number): void {
    for (const exchange of this.#exchanges.oldestFirst()) {
      if (exchange.since === undefined || exchange.expire === undefined) continue;
      const ageMs = now - exchange.since;
      if (ageMs < this.#limitMs) return;
      exchange.expire(ageMs);
    }
  }

  #checkAll(now: number): void {
    const exchanges = [...this.#exchanges.oldestFirst()];
    this.#own.keepOnly(new Set(exchanges.map(({ signal }) => signal)));
    for (const exchange of exchanges) this.#checkOne(exchange, now);
  }

  #checkOne(exchange: LiveExchange, now: number): void {
    const { since, signal } = exchange;
    const own = this.#own.get(signal);
    this.#own.tellOnce(signal, exchange);
    // Without --harakiri calls are not stamped: what is known is when the request asked for a limit.
    const begin = this.#limitMs > 0 ? (since ?? now) : (own?.setAt ?? now);
    const late = own === undefined ? this.#isLate(now - begin) : now >= own.deadline;
    if (late) exchange.expire?.(now - begin);
  }

  #isLate(ageMs: number): boolean {
    return this.#limitMs > 0 && ageMs >= this.#limitMs;
  }
}
