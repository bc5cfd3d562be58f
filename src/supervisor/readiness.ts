/**
 * Whether whoever asks (a load balancer, Kubernetes) should send clients here: not before everything is ready for the
 * first time, and not any more from the moment that a stop is announced, which may be before the server stops
 * (`--stop-delay`).
 */
export class Readiness {
  #started = false;
  #stopping: string | undefined;

  get ready(): boolean {
    return this.#started && this.#stopping === undefined;
  }

  /** Everything was ready once. */
  get started(): boolean {
    return this.#started;
  }

  /** Why the server stops, or will in a moment; undefined while it goes on. */
  get stopping(): string | undefined {
    return this.#stopping;
  }

  start(): void {
    this.#started = true;
  }

  stop(reason: string): void {
    this.#stopping ??= reason;
  }
}
