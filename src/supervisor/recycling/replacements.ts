/** Workers get their successors a few at a time: which slots are next, and why. Knows nothing of processes. */

export interface ReplacementOrder {
  readonly slot: number;
  readonly reason: string;
  /** Of a reload: when one successor does not boot, the rest of the reload is given up. */
  readonly reload: boolean;
  /** How the old worker leaves, and when the next one may follow. */
  readonly manner?: 'graceful' | 'brutal' | 'chain';
}

export class Replacements {
  readonly #atOnce: number;
  readonly #waiting: ReplacementOrder[] = [];
  /** By slot: orders whose successors boot now. */
  readonly #running = new Map<number, ReplacementOrder>();

  /** `atOnce`: successors that may boot at the same time. */
  constructor(atOnce = 1) {
    this.#atOnce = atOnce;
  }

  /** Whether a reload is under way. */
  get reloads(): boolean {
    return [...this.#running.values(), ...this.#waiting].some(({ reload }) => reload);
  }

  /** false where the slot waits for a successor already. */
  ask(order: ReplacementOrder): boolean {
    const { slot, reload } = order;
    // A reload does not settle for a successor that began to boot before it: that one may have read the old code.
    const waits = this.#waiting.some((other) => other.slot === slot);
    if (waits || (this.#running.has(slot) && !reload)) return false;
    this.#waiting.push(order);
    return true;
  }

  /** Takes the next order whose slot can be served now, unless as many as may are under way. */
  next(possible: (slot: number, order: ReplacementOrder) => boolean): ReplacementOrder | undefined {
    if (this.#running.size >= this.#atOnce) return undefined;
    const index = this.#waiting.findIndex(
      (order) => !this.#running.has(order.slot) && possible(order.slot, order),
    );
    const [order] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (order !== undefined) this.#running.set(order.slot, order);
    return order;
  }

  /** The slot's successor is ready, or not needed any more. */
  done(slot: number): ReplacementOrder | undefined {
    const order = this.#running.get(slot);
    this.#running.delete(slot);
    return order;
  }

  /** The slot's worker is gone: what comes in its place is new anyway. */
  forget(slot: number): void {
    const index = this.#waiting.findIndex((order) => order.slot === slot);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  /** Gives up what waits of a reload; returns how many workers stay as they are. */
  cancelReload(): number {
    const reloads = this.#waiting.filter(({ reload }) => reload);
    for (const order of reloads) this.#waiting.splice(this.#waiting.indexOf(order), 1);
    return reloads.length;
  }

  clear(): void {
    this.#waiting.length = 0;
    this.#running.clear();
  }
}
