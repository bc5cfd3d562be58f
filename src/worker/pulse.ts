import type { NativeCore } from '../binding/native.js';
import { BEAT_MS, monotonicMs, type ScoreboardRow } from '../ipc/scoreboard.js';
import type { ExchangeTable } from './gateway.js';

/**
 * Writes a worker's row of the scoreboard, four times a second for as long as its event loop turns: a heartbeat that
 * stands still is what tells the master that JavaScript is blocked.
 */
export class Pulse {
  readonly #row: ScoreboardRow;
  readonly #core: Pick<NativeCore, 'counters'>;
  readonly #exchanges: Pick<ExchangeTable, 'failures' | 'expired'>;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    row: ScoreboardRow,
    core: Pick<NativeCore, 'counters'>,
    exchanges: Pick<ExchangeTable, 'failures' | 'expired'>,
  ) {
    this.#row = row;
    this.#core = core;
    this.#exchanges = exchanges;
  }

  start(): void {
    this.beat();
    this.#timer = setInterval(() => this.beat(), BEAT_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  beat(): void {
    const counters = this.#core.counters();
    const row = this.#row;
    row.set('REQUESTS', counters.requests);
    row.set('IN_FLIGHT', counters.inFlight);
    row.set('BYTES_OUT', counters.bytesOut);
    row.set('CONNECTIONS', counters.connections);
    row.set('TIMEOUTS', counters.timeouts);
    row.set('BAD_REQUESTS', counters.badRequests);
    row.set('ABORTED', counters.aborted);
    row.set('RUNNING_MICROS', counters.runningMicros);
    row.set('EXCEPTIONS', this.#exchanges.failures);
    row.set('EXPIRED', this.#exchanges.expired);
    row.set('HEARTBEAT', monotonicMs());
  }
}
