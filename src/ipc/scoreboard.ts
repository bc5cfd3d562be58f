/**
 * What workers tell about themselves without being asked: memory that master and workers share, one row a worker, one
 * writer a row. The master reads it also when a worker's JavaScript is blocked, and after the worker's death.
 *
 * A cell is a 64-bit float at an aligned place, so it is never seen half-written; cells of a row may be one beat apart.
 */
import { hrtime } from 'node:process';

/** Cells of a row. Counters count from the start of the row's worker. */
export const Cell = {
  /** When the worker last wrote the row, in milliseconds of `monotonicMs`; 0 until it is ready. */
  HEARTBEAT: 0,
  REQUESTS: 1,
  /** Requests that JavaScript has and has not answered. */
  IN_FLIGHT: 2,
  BYTES_OUT: 3,
  CONNECTIONS: 4,
  /** Requests whose application threw. */
  EXCEPTIONS: 5,
  STATIC_REQUESTS: 6,
  /** Time that all answered requests took together, in microseconds. */
  RUNNING_MICROS: 7,
  /** Requests that were answered 504 because of `--harakiri`. */
  EXPIRED: 8,
  TIMEOUTS: 9,
  ABORTED: 10,
  /** Bytes of text that say which request JavaScript runs; 0 while it runs none. */
  CALL_LENGTH: 11,
  /** What the core refused: malformed or oversized requests, uwsgi packets that were dropped. */
  BAD_REQUESTS: 12,
} as const;

export type CellName = keyof typeof Cell;

const ROW_BYTES = 1024;
const CELLS = 16;
const TEXT_AT = CELLS * 8;
const TEXT_BYTES = ROW_BYTES - TEXT_AT;

/** How often a worker writes its row. */
export const BEAT_MS = 250;

export function scoreboardBytes(rows: number): number {
  return rows * ROW_BYTES;
}

const [seconds, nanoseconds] = hrtime();
const OFFSET = seconds * 1000 + nanoseconds / 1e6 - performance.now();

/** CLOCK_MONOTONIC, the same in every process of the machine. */
export function monotonicMs(): number {
  return performance.now() + OFFSET;
}

/** One row; both sides use it, the worker alone writes (the master clears a row before it gives it to a worker). */
export class ScoreboardRow {
  readonly #cells: Float64Array;
  readonly #text: Buffer;

  constructor(memory: ArrayBuffer, row: number) {
    this.#cells = new Float64Array(memory, row * ROW_BYTES, CELLS);
    this.#text = Buffer.from(memory, row * ROW_BYTES + TEXT_AT, TEXT_BYTES);
  }

  get(cell: CellName): number {
    return this.#cells[Cell[cell]] ?? 0;
  }

  set(cell: CellName, value: number): void {
    this.#cells[Cell[cell]] = value;
  }

  add(cell: CellName): void {
    this.#cells[Cell[cell]] = (this.#cells[Cell[cell]] ?? 0) + 1;
  }

  /** JavaScript is about to run this request; the text is cut to its room. */
  enterCall(method: string, uri: string): void {
    const at = this.#text.write(method, 0, TEXT_BYTES - 1, 'latin1');
    this.#text[at] = 0x20;
    const end = this.#text.write(uri, at + 1, TEXT_BYTES - at - 1, 'latin1');
    this.#cells[Cell.CALL_LENGTH] = at + 1 + end;
  }

  leaveCall(): void {
    this.#cells[Cell.CALL_LENGTH] = 0;
  }

  /** Method and URI of the request in JavaScript; undefined while there is none. */
  call(): string | undefined {
    const length = Math.min(this.get('CALL_LENGTH'), TEXT_BYTES);
    return length === 0 ? undefined : this.#text.toString('latin1', 0, length);
  }

  clear(): void {
    this.#cells.fill(0);
  }
}
