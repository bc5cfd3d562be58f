/**
 * What workers tell about themselves without being asked: memory that master and workers share, one row a worker, one
 * writer a cache line. The master reads it also when a worker's JavaScript is blocked, and after the worker's death:
 * what I/O loops do is written by the native core. Where things stand: scoreboard-layout.ts.
 */
import { hrtime } from 'node:process';
import { Histogram } from './histogram.js';
import { LoopRow, type InFlightRequest } from './loop-row.js';
import {
  Cell,
  Layout,
  rowBytes,
  type CellName,
  type CounterName,
  type LatencyName,
} from './scoreboard-layout.js';

/** How often a worker's JavaScript writes its part. */
export const BEAT_MS = 250;

/** `loops`: I/O loops of each worker. */
export function scoreboardBytes(rows: number, loops: number): number {
  return rows * rowBytes(loops);
}

const [seconds, nanoseconds] = hrtime();
const OFFSET = seconds * 1000 + nanoseconds / 1e6 - performance.now();

/** CLOCK_MONOTONIC, the same in every process of the machine. */
export function monotonicMs(): number {
  return performance.now() + OFFSET;
}

function isCell(name: CellName | CounterName): name is CellName {
  return name in Cell;
}

/** One worker's row. The master clears it before it gives it to a worker. */
export class ScoreboardRow {
  readonly memory: ArrayBuffer;
  /** Of the row in `memory`, in bytes. */
  readonly offset: number;
  readonly #cells: Float64Array;
  readonly #text: Buffer;
  readonly #loops: readonly LoopRow[];

  constructor(memory: ArrayBuffer, row: number, loops: number) {
    const offset = row * rowBytes(loops);
    const firstLoop = offset + Layout.headerBytes;
    this.memory = memory;
    this.offset = offset;
    this.#cells = new Float64Array(memory, offset, Layout.cells);
    this.#text = Buffer.from(memory, offset + Layout.textAt, Layout.textBytes);
    this.#loops = Array.from(
      { length: loops },
      (_, loop) => new LoopRow(memory, firstLoop + loop * Layout.loopBytes),
    );
  }

  /** A cell of the header, or what all loops counted together. */
  get(name: CellName | CounterName): number {
    if (isCell(name)) return this.#cells[Cell[name]] ?? 0;
    return this.#loops.reduce((sum, loop) => sum + loop.counter(name), 0);
  }

  set(cell: CellName, value: number): void {
    this.#cells[Cell[cell]] = value;
  }

  add(cell: CellName): void {
    this.#cells[Cell[cell]] = (this.#cells[Cell[cell]] ?? 0) + 1;
  }

  loops(): readonly LoopRow[] {
    return this.#loops;
  }

  /** Requests that JavaScript has not taken. */
  get waiting(): number {
    return this.#loops.reduce((sum, loop) => sum + loop.waiting, 0);
  }

  /** Of all loops, the oldest first. */
  inFlight(): InFlightRequest[] {
    return this.#loops
      .flatMap((loop) => loop.inFlight())
      .sort((one, other) => one.startedMs - other.startedMs);
  }

  /** Of all loops together, since the row's worker started. */
  histogram(name: LatencyName): Histogram {
    const sum = new Histogram();
    for (const loop of this.#loops) sum.add(loop.histogram(name));
    return sum;
  }

  /** JavaScript is about to run this request; the text is cut to its room. */
  enterCall(method: string, uri: string): void {
    const at = this.#text.write(method, 0, Layout.textBytes - 1, 'latin1');
    this.#text[at] = 0x20;
    const end = this.#text.write(uri, at + 1, Layout.textBytes - at - 1, 'latin1');
    this.#cells[Cell.CALL_LENGTH] = at + 1 + end;
  }

  leaveCall(): void {
    this.#cells[Cell.CALL_LENGTH] = 0;
  }

  /** Method and URI of the request in JavaScript; undefined while there is none. */
  call(): string | undefined {
    const length = Math.min(this.get('CALL_LENGTH'), Layout.textBytes);
    return length === 0 ? undefined : this.#text.toString('latin1', 0, length);
  }

  clear(): void {
    new Uint8Array(this.memory, this.offset, rowBytes(this.#loops.length)).fill(0);
  }
}

export { Histogram, LoopRow };
export type { CellName, CounterName, InFlightRequest, LatencyName };
