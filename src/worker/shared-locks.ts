import type { LockBackend } from '../app/locks.js';
import type { NativeLockTable } from '../binding/native.js';

/** The end of the process waits for a wait, so one takes no longer than that; whoever still waits begins again. */
const WAIT_MS = 250;

/** Locks of `--locks`, held by this process. The master gives back what a worker held that died. */
export class SharedLocks implements LockBackend {
  readonly count: number;
  readonly #table: NativeLockTable;

  constructor(table: NativeLockTable, count: number) {
    this.#table = table;
    this.count = count;
  }

  tryLock(lock: number): boolean {
    return this.#table.tryLock(lock, process.pid);
  }

  unlock(lock: number): void {
    this.#table.unlock(lock, process.pid);
  }

  held(lock: number): boolean {
    return this.#table.holder(lock) !== 0;
  }

  releases(): number {
    return this.#table.releases();
  }

  nextRelease(seen: number, limitMs = WAIT_MS): Promise<void> {
    return this.#table.waitRelease(seen, limitMs);
  }
}
