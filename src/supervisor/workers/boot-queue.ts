/** Limits how many workers load the application at the same time: where CPUs are few, the first of them is ready sooner. */
import type { Slot } from './slot.js';

export interface BootQueueOptions {
  /** At least 1. */
  readonly limit: number;
  /** Workers that boot now, successors included. */
  readonly booting: () => number;
  readonly start: (slot: Slot, again: boolean) => void;
}

interface Order {
  readonly slot: Slot;
  /** The slot had a worker before. */
  readonly again: boolean;
}

export class BootQueue {
  readonly #options: BootQueueOptions;
  readonly #waiting: Order[] = [];

  constructor(options: BootQueueOptions) {
    this.#options = options;
  }

  /** Starts the slot's worker now, or when it is its turn. Once, however often it is asked for. */
  ask(slot: Slot, again: boolean): void {
    if (!this.has(slot)) this.#waiting.push({ slot, again });
    this.next();
  }

  /** To be called whenever a worker has become ready or is gone. */
  next(): void {
    const { limit, booting, start } = this.#options;
    while (booting() < limit) {
      const order = this.#waiting.shift();
      if (order === undefined) return;
      start(order.slot, order.again);
    }
  }

  has(slot: Slot): boolean {
    return this.#waiting.some((order) => order.slot === slot);
  }

  forget(slot: Slot): void {
    const index = this.#waiting.findIndex((order) => order.slot === slot);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  clear(): void {
    this.#waiting.length = 0;
  }
}
