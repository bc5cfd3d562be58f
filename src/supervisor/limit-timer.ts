/**
 * The one timer of a worker's current step (boot, drain): setting it again replaces the limit before. Timers in
 * this directory are limits only; nothing is ever waited for by letting time pass.
 */
export class LimitTimer {
  #timer: NodeJS.Timeout | undefined;

  /** Calls `expired` once after `ms`; 0 means no limit. */
  set(ms: number, expired: () => void): void {
    this.clear();
    if (ms <= 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      expired();
    }, ms);
  }

  get running(): boolean {
    return this.#timer !== undefined;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
