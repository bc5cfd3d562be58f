/**
 * Memory for response bytes that slow clients have not taken: a limit for each response (`--http-buffer-size`) and one
 * for all of this router's together (`--http-buffer-memory`).
 */
export class BufferBudget {
  readonly #perResponse: number;
  readonly #total: number;
  #used = 0;

  constructor(perResponse: number, total: number) {
    this.#perResponse = perResponse;
    this.#total = total;
  }

  get used(): number {
    return this.#used;
  }

  /** Counts bytes that are kept, and says whether their response, which keeps `held` in all, may keep more. */
  take(bytes: number, held: number): boolean {
    this.#used += bytes;
    return this.hasRoom(held);
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }

  /** A response that keeps nothing always has room: it would wait for ever otherwise. */
  hasRoom(held: number): boolean {
    return held === 0 || (held < this.#perResponse && this.#used < this.#total);
  }
}
