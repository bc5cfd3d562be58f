/** A small seeded generator (mulberry32): a failure names its seed, and the seed brings the failure back. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, not including, `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  letter(): string {
    return String.fromCharCode(97 + this.below(26));
  }
}

/** A seed for this run: CHAOS_SEED where that is set. */
export function chooseSeed(): number {
  return Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);
}
