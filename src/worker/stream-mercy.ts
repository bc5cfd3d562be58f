/**
 * Responses that go on and on (event streams, long downloads) while their worker drains. Their requests' signals abort
 * with the reason `draining` when `--stream-reload-mercy` is over; the connection stays, so that the application can end
 * the response in order. What does not end is cut with everything else at the end of `--worker-reload-mercy`.
 */
import type { ExchangeTable } from './gateway/gateway.js';

export class StreamMercy {
  readonly #limitMs: number;
  readonly #exchanges: Pick<ExchangeTable, 'oldestFirst'>;
  #timer: NodeJS.Timeout | undefined;

  /** `seconds`: 0: responses are not told. */
  constructor(seconds: number, exchanges: Pick<ExchangeTable, 'oldestFirst'>) {
    this.#limitMs = seconds * 1000;
    this.#exchanges = exchanges;
  }

  /** The worker begins to drain. */
  begin(): void {
    if (this.#limitMs === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.tell(), this.#limitMs);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  tell(): void {
    for (const exchange of [...this.#exchanges.oldestFirst()]) exchange.askToEnd?.();
  }
}
