/** Every pair that was read so far, the strongest source first: what `%(key)` and `if-opt` look at. */
import type { Setting } from '../setting.js';

export class PairStore {
  readonly #first = new Map<string, Setting>();
  readonly #used = new Set<string>();
  readonly #declared = new Set<string>();

  /** Changes whenever a value may have changed. */
  get version(): number {
    return this.#first.size;
  }

  add(setting: Setting): void {
    if (!this.#first.has(setting.key)) this.#first.set(setting.key, setting);
  }

  /** By `set-placeholder`: no option, whether it is used or not. */
  declare(setting: Setting): void {
    this.#declared.add(setting.key);
    this.add(setting);
  }

  /** uWSGI: the first pair with this key counts, not the last. */
  first(key: string): Setting | undefined {
    return this.#first.get(key);
  }

  use(key: string): void {
    this.#used.add(key);
  }

  /** Whether an unknown key is a placeholder rather than a mistake. */
  isPlaceholder(key: string): boolean {
    return this.#used.has(key) || this.#declared.has(key);
  }
}
