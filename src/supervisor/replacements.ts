/** One worker after the other gets its successor: which slot is next, and why. Knows nothing of processes. */

export interface ReplacementOrder {
  readonly slot: number;
  readonly reason: string;
  /** Of a reload: when one successor does not boot, the rest of the reload is given up. */
  readonly reload: boolean;
}

export class Replacements {
  readonly #waiting: ReplacementOrder[] = [];
  #current: ReplacementOrder | undefined;

  /** The order whose successor boots now. */
  get current(): ReplacementOrder | undefined {
    return this.#current;
  }

  get empty(): boolean {
    return this.#current === undefined && this.#waiting.length === 0;
  }

  /** false where the slot waits for a successor already. */
  ask(order: ReplacementOrder): boolean {
    const same = (other: ReplacementOrder | undefined): boolean => other?.slot === order.slot;
    // A reload does not settle for a successor that began to boot before it: that one may have read the old code.
    if (this.#waiting.some(same) || (same(this.#current) && !order.reload)) return false;
    this.#waiting.push(order);
    return true;
  }

  /** Takes the next order whose slot can be served now, unless one is under way. */
  next(possible: (slot: number) => boolean): ReplacementOrder | undefined {
    if (this.#current !== undefined) return undefined;
    const index = this.#waiting.findIndex(({ slot }) => possible(slot));
    if (index < 0) return undefined;
    [this.#current] = this.#waiting.splice(index, 1);
    return this.#current;
  }

  /** The successor is ready, or not needed any more. */
  done(): ReplacementOrder | undefined {
    const order = this.#current;
    this.#current = undefined;
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
    this.#current = undefined;
  }
}
