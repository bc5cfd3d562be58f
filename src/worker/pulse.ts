import { monitorEventLoopDelay, performance, type IntervalHistogram } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { linesDropped, sinksWaiting } from '../log/line-sink.js';
import { BEAT_MS, monotonicMs, type ScoreboardRow } from '../ipc/scoreboard.js';
import type { ExchangeTable } from './gateway/gateway.js';

/** How often the event loop's delay is looked at, in milliseconds; an idle process wakes for it. */
const DELAY_RESOLUTION_MS = 20;
/** Facts that cost more to gather than a heartbeat are written once a second. */
const BEATS_PER_LOOK = 4;
const NANOSECONDS_PER_MS = 1e6;

/**
 * Writes JavaScript's part of a worker's row for as long as its event loop turns: a heartbeat that stands still is what
 * tells the master that JavaScript is blocked. What I/O loops do, the native core writes itself.
 */
export class Pulse {
  readonly #row: ScoreboardRow;
  readonly #exchanges: Pick<ExchangeTable, 'failures' | 'expired'>;
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  #utilisation = performance.eventLoopUtilization();
  #timer: NodeJS.Timeout | undefined;
  #beats = 0;

  constructor(row: ScoreboardRow, exchanges: Pick<ExchangeTable, 'failures' | 'expired'>) {
    this.#row = row;
    this.#exchanges = exchanges;
  }

  start(): void {
    this.#delay.enable();
    // What loaded the application is no load: the first beat is the first to tell how busy the loop is.
    this.#utilisation = performance.eventLoopUtilization();
    this.#lookAtHeap();
    this.#tell();
    this.#timer = setInterval(() => this.beat(), BEAT_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#delay.disable();
  }

  beat(): void {
    if (this.#beats % BEATS_PER_LOOK === 0) {
      this.#lookAtLoop();
      this.#lookAtHeap();
    }
    this.#beats += 1;
    this.#tell();
  }

  #tell(): void {
    const row = this.#row;
    row.set('EXCEPTIONS', this.#exchanges.failures);
    row.set('EXPIRED', this.#exchanges.expired);
    row.set('LOG_LINES_DROPPED', linesDropped());
    row.set('LOG_LINES_WAITING', sinksWaiting());
    row.set('HEARTBEAT', monotonicMs());
  }

  /** Since the last look. */
  #lookAtLoop(): void {
    const row = this.#row;
    const delay = this.#delay;
    if (delay.count > 0) {
      row.set('LOOP_DELAY_MEAN', delayOf(delay.mean));
      row.set('LOOP_DELAY_P99', delayOf(delay.percentile(99)));
      row.set('LOOP_DELAY_MAX', delayOf(delay.max));
      delay.reset();
    }
    const now = performance.eventLoopUtilization();
    row.set(
      'LOOP_UTILISATION',
      performance.eventLoopUtilization(now, this.#utilisation).utilization,
    );
    this.#utilisation = now;
  }

  #lookAtHeap(): void {
    const row = this.#row;
    const heap = getHeapStatistics();
    row.set('HEAP_USED_BYTES', heap.used_heap_size);
    row.set('HEAP_TOTAL_BYTES', heap.total_heap_size);
    row.set('EXTERNAL_BYTES', heap.external_memory);
  }
}

/** The monitor measures from one of its timers to the next, so an undisturbed loop shows the timer's period. */
function delayOf(nanoseconds: number): number {
  return Math.max(0, nanoseconds / NANOSECONDS_PER_MS - DELAY_RESOLUTION_MS);
}
