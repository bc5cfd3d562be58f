/** One I/O loop's part of a worker's row. The loop's thread writes it; this only reads. */
import { Histogram } from './histogram.js';
import {
  Counter,
  InFlightState,
  Latency,
  Layout,
  type CounterName,
  type LatencyName,
} from './scoreboard-layout.js';

export interface InFlightRequest {
  readonly method: string;
  /** Cut to `Layout.uriBytes`. */
  readonly uri: string;
  /** Its body arrives; it waits for JavaScript; JavaScript has it; its answer is on the way. */
  readonly state: 'body' | 'waiting' | 'javascript' | 'writing';
  /** Milliseconds of `monotonicMs`. */
  readonly startedMs: number;
  readonly deadlineMs: number | undefined;
  /** What JavaScript and the core know it by: I/O loop and slot in one number, and the slot's generation. */
  readonly handle: number;
  readonly generation: number;
}

const WORD = 8;
/** Attempts at an entry that is being written; a writer is done with it within a microsecond. */
const ATTEMPTS = 4;

const SUMS: Readonly<Record<LatencyName, CounterName>> = {
  kernel: 'KERNEL_MICROS',
  waiting: 'WAITING_MICROS',
  javascript: 'JAVASCRIPT_MICROS',
  writing: 'WRITING_MICROS',
  total: 'RUNNING_MICROS',
};

export class LoopRow {
  readonly #words: BigUint64Array;
  readonly #halves: Int32Array;
  readonly #bytes: Buffer;

  /** `offset`: of the loop's part in `memory`. */
  constructor(memory: ArrayBuffer, offset: number) {
    this.#words = new BigUint64Array(memory, offset, Layout.loopBytes / WORD);
    this.#halves = new Int32Array(memory, offset, Layout.loopBytes / 4);
    this.#bytes = Buffer.from(memory, offset, Layout.loopBytes);
  }

  counter(name: CounterName): number {
    return Number(this.#words[Counter[name]]);
  }

  /** Requests that JavaScript has not taken. */
  get waiting(): number {
    return Math.max(0, this.counter('HANDED_OVER') - this.#word(Layout.takenAt));
  }

  /** When JavaScript last took requests of this loop, in milliseconds of `monotonicMs`. */
  get takenMs(): number {
    return this.#word(Layout.takenAt + WORD) / 1000;
  }

  histogram(name: LatencyName): Histogram {
    const start = (Layout.latenciesAt + Latency[name] * Layout.latencyBytes) / WORD;
    const counts = new Float64Array(Layout.buckets);
    for (let bucket = 0; bucket < Layout.buckets; bucket += 1) {
      if (!this.#isZero(start + bucket)) counts[bucket] = Number(this.#words[start + bucket]);
    }
    return new Histogram(counts, this.counter(SUMS[name]));
  }

  /** The oldest first. Those for which the table has no room (`UNTABLED`) are missing. */
  inFlight(): InFlightRequest[] {
    const found: InFlightRequest[] = [];
    for (let entry = 0; entry < Layout.inFlightEntries; entry += 1) {
      const request = this.#entry(Layout.inFlightAt + entry * Layout.inFlightBytes);
      if (request !== undefined) found.push(request);
    }
    return found.sort((one, other) => one.startedMs - other.startedMs);
  }

  #entry(at: number): InFlightRequest | undefined {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const version = Atomics.load(this.#halves, (at + Layout.versionAt) / 4);
      if (this.#half(at + Layout.stateAt) === InFlightState.FREE) return undefined;
      const request = this.#read(at);
      const after = Atomics.load(this.#halves, (at + Layout.versionAt) / 4);
      if (version === after && version % 2 === 0) return request;
    }
    return undefined;
  }

  #read(at: number): InFlightRequest {
    const deadline = this.#word(at + Layout.deadlineAt);
    return {
      method: this.#text(at + Layout.methodAt, at + Layout.methodLengthAt, Layout.methodBytes),
      uri: this.#text(at + Layout.uriAt, at + Layout.uriLengthAt, Layout.uriBytes),
      state: this.#state(at),
      startedMs: this.#word(at + Layout.startedAt) / 1000,
      deadlineMs: deadline === 0 ? undefined : deadline / 1000,
      handle: this.#half(at + Layout.handleAt) >>> 0,
      generation: this.#half(at + Layout.generationAt) >>> 0,
    };
  }

  #state(at: number): InFlightRequest['state'] {
    const state = this.#half(at + Layout.stateAt);
    if (state === InFlightState.BODY) return 'body';
    if (state === InFlightState.WRITING) return 'writing';
    return this.#word(at + Layout.sequenceAt) > this.#word(Layout.takenAt)
      ? 'waiting'
      : 'javascript';
  }

  #text(at: number, lengthAt: number, most: number): string {
    return this.#bytes.toString('latin1', at, at + Math.min(this.#half(lengthAt), most));
  }

  /** Without the object that a bigint is: most words of a histogram are. */
  #isZero(word: number): boolean {
    return this.#halves[2 * word] === 0 && this.#halves[2 * word + 1] === 0;
  }

  #half(at: number): number {
    return this.#halves[at / 4] ?? 0;
  }

  #word(at: number): number {
    return Number(this.#words[at / WORD]);
  }
}
