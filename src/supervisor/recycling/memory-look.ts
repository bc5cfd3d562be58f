import { processMemory } from './process-memory.js';
import type { WorkerHandle } from '../workers/worker-handle.js';

/** A look costs the kernel some ten microseconds a worker. */
const LOOK_MS = 1000;

/** Writes what the kernel says of workers' memory where they can read it, of themselves and of their siblings. */
export class MemoryLook {
  readonly #workers: () => readonly Pick<WorkerHandle, 'pid' | 'board'>[];
  #timer: NodeJS.Timeout | undefined;

  constructor(workers: () => readonly Pick<WorkerHandle, 'pid' | 'board'>[]) {
    this.#workers = workers;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  look(): void {
    for (const { pid, board } of this.#workers()) {
      if (pid === undefined || board === undefined) continue;
      const memory = processMemory(pid);
      if (memory === undefined) continue;
      board.row.set('RESIDENT_BYTES', memory.residentBytes);
      board.row.set('ADDRESS_SPACE_BYTES', memory.addressSpaceBytes);
    }
  }
}
