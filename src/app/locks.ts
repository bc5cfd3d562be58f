import { LockError } from './module-errors.js';

/** Locks between processes; a holder is this process as a whole. */
export interface LockBackend {
  /** Numbers are below this. */
  readonly count: number;
  /** false where it is held, also by this process. */
  tryLock(lock: number): boolean;
  unlock(lock: number): void;
  held(lock: number): boolean;
  /** Grows with every unlock of any lock. */
  releases(): number;
  /** Until `releases()` is no longer `seen`, or `limitMs` (or a moment, without it) have passed. */
  nextRelease(seen: number, limitMs?: number): Promise<void>;
}

/** How often a lock goes from one waiter of this process to the next before other processes get a chance. */
const HANDOVERS = 16;
/** How long that chance is. */
const PAUSE_MS = 2;

/**
 * `lock(n)` for JavaScript: waiting is a promise, first come first served within the process, and between processes
 * whoever asks first after a release.
 */
export class Locks {
  readonly #backend: LockBackend;
  /** Those this process holds, and how often they changed hands in it. */
  readonly #held = new Map<number, number>();
  readonly #waiters = new Map<number, (() => void)[]>();
  #pumping = false;

  constructor(backend: LockBackend) {
    this.#backend = backend;
  }

  tryLock(lock: number): boolean {
    this.#check(lock);
    if (this.#waiters.has(lock) || this.#held.has(lock)) return false;
    return this.#take(lock);
  }

  lock(lock: number): Promise<void> {
    if (this.tryLock(lock)) return Promise.resolve();
    return new Promise((resolve) => {
      const queue = this.#waiters.get(lock);
      if (queue === undefined) this.#waiters.set(lock, [resolve]);
      else queue.push(resolve);
      void this.#pump();
    });
  }

  /** By whoever in this process: locks know processes, not requests. Throws LockError where it is not held here. */
  unlock(lock: number): void {
    this.#check(lock);
    const handovers = this.#held.get(lock);
    if (handovers === undefined) throw new LockError(`lock ${lock} is not held by this process`);
    const next = handovers < HANDOVERS ? this.#nextWaiter(lock) : undefined;
    if (next !== undefined) {
      this.#held.set(lock, handovers + 1);
      next();
      return;
    }
    const seen = this.#backend.releases() + 1;
    this.#held.delete(lock);
    this.#backend.unlock(lock);
    if (this.#waiters.has(lock))
      void this.#backend.nextRelease(seen, PAUSE_MS).then(() => this.#pump());
  }

  isLocked(lock: number): boolean {
    this.#check(lock);
    return this.#backend.held(lock);
  }

  async withLock<T>(lock: number, run: () => T | Promise<T>): Promise<T> {
    await this.lock(lock);
    try {
      return await run();
    } finally {
      this.unlock(lock);
    }
  }

  #check(lock: number): void {
    const { count } = this.#backend;
    if (Number.isInteger(lock) && lock >= 0 && lock < count) return;
    throw new LockError(
      `there is no lock ${lock}: locks are numbered 0 to ${count - 1}; more come with --locks`,
    );
  }

  #take(lock: number): boolean {
    const taken = this.#backend.tryLock(lock);
    if (taken) this.#held.set(lock, 0);
    return taken;
  }

  #nextWaiter(lock: number): (() => void) | undefined {
    const queue = this.#waiters.get(lock);
    const next = queue?.shift();
    if (queue?.length === 0) this.#waiters.delete(lock);
    return next;
  }

  /** For as long as somebody here waits for what another process holds. */
  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    for (;;) {
      const seen = this.#backend.releases();
      for (const lock of [...this.#waiters.keys()]) {
        if (!this.#held.has(lock) && this.#take(lock)) this.#nextWaiter(lock)?.();
      }
      if (![...this.#waiters.keys()].some((lock) => !this.#held.has(lock))) break;
      await this.#backend.nextRelease(seen);
    }
    this.#pumping = false;
  }
}

/** Where no other process takes part. */
export class PrivateLocks implements LockBackend {
  readonly count: number;
  readonly #held = new Set<number>();

  constructor(count: number) {
    this.count = count;
  }

  tryLock(lock: number): boolean {
    if (this.#held.has(lock)) return false;
    this.#held.add(lock);
    return true;
  }

  unlock(lock: number): void {
    this.#held.delete(lock);
  }

  held(lock: number): boolean {
    return this.#held.has(lock);
  }

  releases(): number {
    return 0;
  }

  nextRelease(): Promise<void> {
    return Promise.resolve();
  }
}
