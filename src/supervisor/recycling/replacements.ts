/** Workers get their successors a few at a time: which slots are next, and why. Knows nothing of processes. */

/**
 * graceful: old workers finish their requests; brutal: they are cut, the successors being ready; chain: as graceful, and
 * the next slot waits until the old worker of the one before is gone.
 */
export type ReloadManner = 'graceful' | 'brutal' | 'chain';

/** All slots get new workers: when one successor does not boot, the rest is given up. */
export interface Reload {
  readonly reason: string;
  readonly manner: ReloadManner;
  /** Milliseconds of performance.now(). */
  readonly since: number;
  /** Why it was given up. */
  failure: string | undefined;
}

export interface ReplacementOrder {
  readonly slot: number;
  readonly reason: string;
  /** Whose order it is; without one, a single worker is recycled. */
  readonly reload?: Reload | undefined;
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

  /** Whether a slot's successor of this reload boots, or is to boot yet. */
  serves(reload: Reload): boolean {
    return [...this.#running.values(), ...this.#waiting].some((order) => order.reload === reload);
  }

  /**
   * false where the slot waits for a successor already. A reload takes the place of what waits, and does not settle for a
   * successor that began to boot before it: that one may have read the old code.
   */
  ask(order: ReplacementOrder): boolean {
    const { slot, reload } = order;
    const waits = this.#waiting.findIndex((other) => other.slot === slot);
    if (reload === undefined && (waits >= 0 || this.#running.has(slot))) return false;
    if (waits < 0) this.#waiting.push(order);
    else this.#waiting[waits] = order;
    return true;
  }

  /** Takes the next order whose slot can be served now, unless as many as may are under way. */
  next(possible: (slot: number, order: ReplacementOrder) => boolean): ReplacementOrder | undefined {
    if (this.#running.size >= this.#atOnce) return undefined;
    const index = this.#waiting.findIndex(
      (order) => this.#hasRoomFor(order) && possible(order.slot, order),
    );
    const [order] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (order !== undefined) this.#running.set(order.slot, order);
    return order;
  }

  /** A chain reload has one process too many at most, however many are recycled at the same time otherwise. */
  #hasRoomFor(order: ReplacementOrder): boolean {
    if (isChain(order) || [...this.#running.values()].some(isChain))
      return this.#running.size === 0;
    return !this.#running.has(order.slot);
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

  /** Gives up what waits of the reload; returns how many workers stay as they are. */
  cancel(reload: Reload): number {
    const orders = this.#waiting.filter((order) => order.reload === reload);
    for (const order of orders) this.#waiting.splice(this.#waiting.indexOf(order), 1);
    return orders.length;
  }

  clear(): void {
    this.#waiting.length = 0;
    this.#running.clear();
  }
}

function isChain({ reload }: ReplacementOrder): boolean {
  return reload?.manner === 'chain';
}
