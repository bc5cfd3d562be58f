/** `--cheap`, `--idle` and `--die-on-idle`: a server that rests without workers until somebody connects. */
import type { NativeAddon, NativeQueueWatch } from '../binding/native.js';
import type { Config } from '../config/config.js';
import type { Logger } from '../log/logger.js';
import type { Cheaping } from './cheaping.js';
import { initialWorkers } from './cheaper-facts.js';
import { idleAfter, type Activity, type IdleState } from './idle-clock.js';
import { workersOf, type Slot } from './slot.js';

export interface IdleOptions {
  readonly config: Config;
  readonly slots: readonly Slot[];
  readonly cheaping: Pick<Cheaping, 'active' | 'wake' | 'cheapAll'>;
  /** The listening sockets. Owned by whoever gave them, and open while this runs. */
  readonly fds: readonly number[];
  readonly addon: Pick<NativeAddon, 'QueueWatch'>;
  readonly logger: Logger;
  readonly stopping: () => boolean;
  /** Ends the server. */
  readonly stop: (reason: string) => void;
}

export class Idle {
  readonly #options: IdleOptions;
  #state: IdleState | undefined;
  #watch: NativeQueueWatch | undefined;

  constructor(options: IdleOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#options.config.cheap) this.#wait();
  }

  /** Once a second. `now` in seconds. */
  tick(now: number): void {
    const { config, slots, stop } = this.#options;
    if (config.idle === 0 || this.resting) return;
    this.#state = idleAfter(this.#state, { now, ...activity(slots) });
    const idle = now - this.#state.since;
    if (idle < config.idle) return;
    const reason = `workers have been inactive for more than ${config.idle} seconds`;
    if (config.dieOnIdle) stop(`${reason} (die-on-idle)`);
    else this.rest(reason);
  }

  get resting(): boolean {
    return this.#watch !== undefined;
  }

  /** All workers go; the next connection brings them back. */
  rest(reason: string): void {
    const { cheaping, logger } = this.#options;
    if (this.resting) return;
    logger.info(`${reason}: all workers end`, { event: 'resting', reason });
    cheaping.cheapAll(reason);
    this.#wait();
  }

  /** Before the queues are closed. */
  stop(): void {
    this.#watch?.stop();
    this.#watch = undefined;
  }

  #wait(): void {
    const { fds, addon, logger } = this.#options;
    logger.info('cheap mode enabled: waiting for socket connection...', { event: 'cheap' });
    this.#watch = new addon.QueueWatch(fds, () => this.#wake());
  }

  #wake(): void {
    const { cheaping, config, logger } = this.#options;
    if (!this.resting) return;
    this.#watch = undefined;
    if (this.#options.stopping()) return;
    this.#state = undefined;
    const workers = initialWorkers(config);
    logger.info(
      `a client connects: ${workers} worker(s) start, and answer it when they are ready`,
      {
        event: 'awake',
        workers,
      },
    );
    cheaping.wake(workers);
  }
}

/** A server without a ready worker is not idle: clients may wait for one. */
function activity(slots: readonly Slot[]): Omit<Activity, 'now'> {
  let requests = 0;
  let inFlight = 0;
  const serves = slots.some(({ worker }) => worker?.state === 'ready');
  for (const slot of slots) {
    requests += slot.totals.requests;
    for (const { board } of workersOf(slot)) {
      requests += board?.row.get('REQUESTS') ?? 0;
      inFlight += board?.row.get('IN_FLIGHT') ?? 0;
    }
  }
  return { requests, inFlight, serves };
}
