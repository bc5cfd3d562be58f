import type { NativeAddon } from '../../binding/native.js';
import { ScoreboardRow, scoreboardBytes } from '../../ipc/scoreboard.js';

/** A worker, its replacement that boots, and some that still drain. */
const ROWS_PER_SLOT = 4;

/** A row that was lent to a worker. */
export interface LentRow {
  readonly number: number;
  readonly row: ScoreboardRow;
}

type MemoryAddon = Pick<NativeAddon, 'createSharedMemory' | 'mapSharedMemory'>;

/** The master's end of the scoreboard: makes it, lends its rows to workers, and reads them. */
export class Scoreboard {
  /** For workers to inherit. Open for the master's whole life. */
  readonly fd: number;
  readonly rows: number;
  /** I/O loops of each worker. */
  readonly loops: number;
  readonly #memory: ArrayBuffer;
  readonly #free: number[];

  constructor(slots: number, loops: number, addon: MemoryAddon) {
    this.rows = slots * ROWS_PER_SLOT;
    this.loops = loops;
    const bytes = scoreboardBytes(this.rows, loops);
    this.fd = addon.createSharedMemory(bytes);
    this.#memory = addon.mapSharedMemory(this.fd, bytes);
    this.#free = Array.from({ length: this.rows }, (_, row) => row);
  }

  /** undefined where all are lent: that worker is served without being watched. */
  lend(): LentRow | undefined {
    const number = this.#free.shift();
    if (number === undefined) return undefined;
    const row = new ScoreboardRow(this.#memory, number, this.loops);
    row.clear();
    return { number, row };
  }

  /** The worker is gone: nobody writes the row any more. */
  takeBack({ number, row }: LentRow): void {
    row.set('PID', 0);
    this.#free.push(number);
  }
}
