import type { Config } from '../../config/config.js';
import type { MasterLog } from '../master-log.js';
import { workersOf, type Slot } from '../workers/slot.js';
import type { WorkerHandle } from '../workers/worker-handle.js';

export interface CheapingOptions {
  readonly slots: readonly Slot[];
  readonly log: Pick<MasterLog, 'workerCheaping'>;
  /** What a worker has to finish its requests; read whenever one leaves, for a reload may change it. */
  readonly config: Pick<Config, 'workerReloadMercy'>;
  readonly spawn: (slot: Slot) => void;
  /** Nobody succeeds in this slot any more; returns the successor that boots. */
  readonly withdraw: (slot: Slot) => WorkerHandle | undefined;
  /** Workers have left; queues are to be handed out anew. */
  readonly changed: () => void;
}

/** Slots without a worker, on purpose: which ones, how a worker leaves its slot, and how the slot gets one again. */
export class Cheaping {
  readonly #options: CheapingOptions;
  readonly #leaving = new WeakSet<WorkerHandle>();

  constructor(options: CheapingOptions) {
    this.#options = options;
  }

  /** Before the start: only the first slots get workers. */
  begin(workers: number): void {
    for (const slot of this.#options.slots) slot.cheaped = slot.index >= workers;
  }

  /** Slots that have a worker, or wait for one. */
  get active(): readonly Slot[] {
    return this.#options.slots.filter((slot) => !slot.cheaped);
  }

  /** Starts workers in empty slots, the lowest first; returns how many. */
  wake(count: number): number {
    const empty = this.#options.slots.filter((slot) => slot.cheaped).slice(0, count);
    for (const slot of empty) {
      slot.cheaped = false;
      this.#options.spawn(slot);
    }
    return empty.length;
  }

  /** The slot's worker finishes what it has; its idle connections go to the slot `handTo`. */
  cheap(slot: Slot, reason: string, handTo: number): void {
    this.#empty(slot, reason, handTo);
    this.#options.changed();
  }

  /**
   * All workers finish what they have. Nobody is left to go on with idle connections: they close, or (`kept`) wait in the
   * channel of the first slot, which gets a worker before others do.
   */
  cheapAll(reason: string, kept: boolean): void {
    for (const slot of this.active) this.#empty(slot, reason, kept ? 0 : 'nobody');
    this.#options.changed();
  }

  /** Whether the worker leaves its slot empty; its successor has not taken it. */
  leaves(worker: WorkerHandle): boolean {
    return this.#leaving.has(worker);
  }

  /** Whether a worker that was told to leave is still there: it may yet hand connections to others. */
  get busy(): boolean {
    return this.#options.slots.some((slot) =>
      workersOf(slot).some((worker) => this.#leaving.has(worker)),
    );
  }

  #empty(slot: Slot, reason: string, handTo: number | 'nobody'): void {
    const { config, log, withdraw } = this.#options;
    slot.cheaped = true;
    slot.respawn.clear();
    const leaving = [withdraw(slot), slot.worker].filter((worker) => worker !== undefined);
    slot.worker = undefined;
    for (const worker of leaving) {
      this.#leaving.add(worker);
      slot.retiring.add(worker);
      log.workerCheaping(worker, reason);
      worker.drain(reason, config.workerReloadMercy * 1000, true, handTo);
    }
  }
}
