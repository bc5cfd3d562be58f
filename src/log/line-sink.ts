import { describeErrno, plainOutput, type LineOutput } from './line-output.js';

/** What waits for a reader that is slow. More is dropped: a log must not take the memory either. */
const MOST_WAITING = 256 * 1024;
const RETRY_MS = 20;
/** Patience at the end of the process, all together. */
const LAST_ATTEMPTS = 20;

/** What a destination of the log has not taken. */
export interface DropState {
  /** Lines that are lost, since the start. */
  readonly dropped: number;
  /** Why it did not take the last ones; undefined: it took them. */
  readonly refusal: string | undefined;
}

const NOBODY = { dropped: 0, refusal: undefined } satisfies DropState;

/** In front of what comes behind a gap. */
export type DropNotice = (dropped: number) => string;

const plainNotice: DropNotice = (dropped) => `${dropped} log lines were dropped here\n`;

const waitCell = new Int32Array(new SharedArrayBuffer(4));
/** Sinks of this process that hold lines back. */
const waitingSinks = new Set<LineSink>();
let lost = 0;

/** Lines that all sinks of this process dropped. */
export function linesDropped(): number {
  return lost;
}

/** Sinks of this process whose lines wait for their destination. */
export function sinksWaiting(): number {
  return waitingSinks.size;
}

process.on('exit', () => {
  for (let attempt = 0; attempt < LAST_ATTEMPTS && waitingSinks.size > 0; attempt += 1) {
    if (attempt > 0) Atomics.wait(waitCell, 0, 0, 1);
    for (const sink of waitingSinks) sink.flush();
  }
  for (const sink of waitingSinks) sink.close();
});

export function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/**
 * Writes whole lines to a descriptor, in order, and neither throws nor waits.
 *
 * What the descriptor does not take (a pipe that is full, a disk that is full, a reader that is gone) is kept, up to a
 * limit, and tried again soon. What does not fit is dropped and counted, and the next line that gets through is
 * preceded by the count.
 */
export class LineSink {
  #output: LineOutput;
  readonly #notice: DropNotice;
  /** Not taken yet, in order. */
  #waiting: Buffer[] = [];
  #size = 0;
  #state: DropState = NOBODY;
  /** Dropped since the log last said so. */
  #untold = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: LineOutput | number, notice: DropNotice = plainNotice) {
    this.#output = typeof output === 'number' ? plainOutput(output) : output;
    this.#notice = notice;
  }

  get state(): DropState {
    return this.#state;
  }

  /** false when the lines were dropped. */
  write(lines: string): boolean {
    const bytes = Buffer.from(this.#untold === 0 ? lines : this.#notice(this.#untold) + lines);
    if (this.#size + bytes.length > MOST_WAITING) this.flush();
    if (this.#size > 0 && this.#size + bytes.length > MOST_WAITING) {
      this.#drop(lines);
      return false;
    }
    this.#untold = 0;
    this.#waiting.push(bytes);
    this.#size += bytes.length;
    // What waits is tried again by the timer, or when there is no room.
    if (this.#waiting.length === 1) this.flush();
    return true;
  }

  /** Tries what waits once more. */
  flush(): void {
    this.#stopTimer();
    if (this.#size === 0) return;
    const bytes = this.#waiting.length === 1 ? this.#waiting[0] : undefined;
    const all = bytes ?? Buffer.concat(this.#waiting);
    const { bytes: taken, error } = this.#output(all);
    this.#state = { ...this.#state, refusal: error === 0 ? undefined : describeErrno(error) };
    this.#keep(all.subarray(taken));
  }

  /** Goes on with another descriptor, which gets what the old one does not take. */
  redirect(output: LineOutput): void {
    this.flush();
    this.#output = output;
    this.flush();
  }

  /** The descriptor is about to be closed, or the process ends: what it does not take now is lost. */
  close(): void {
    this.flush();
    this.#stopTimer();
    this.#drop(Buffer.concat(this.#waiting).toString());
    this.#keep(Buffer.alloc(0));
  }

  #keep(rest: Buffer): void {
    this.#size = rest.length;
    this.#waiting = rest.length === 0 ? [] : [rest];
    if (rest.length === 0) {
      waitingSinks.delete(this);
      return;
    }
    waitingSinks.add(this);
    this.#timer ??= setTimeout(() => this.flush(), RETRY_MS).unref();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #drop(lines: string): void {
    const count = countLines(lines);
    this.#untold += count;
    lost += count;
    this.#state = { ...this.#state, dropped: this.#state.dropped + count };
  }
}
