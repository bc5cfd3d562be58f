/** `--cheap`, `--idle` and `--die-on-idle`: a server that rests without workers until somebody connects. */
import type { NativeAddon, NativeQueueWatch } from '../../binding/native.js';
import type { Config } from '../../config/config.js';
import type { Logger } from '../../log/logger.js';
import type { Cheaping } from './cheaping.js';
import { initialWorkers } from './cheaper-facts.js';
import { idleAfter, type Activity, type IdleState } from './idle-clock.js';
import { workersOf, type Slot } from '../workers/slot.js';

export interface IdleOptions {
  readonly config: Config;
  readonly slots: readonly Slot[];
  readonly cheaping: Pick<Cheaping, 'active' | 'wake' | 'cheapAll'>;
  /** The listening sockets, each once. Owned by whoever gave them, and open while this runs. */
  readonly fds: readonly number[];
  /** Receiving ends of the channels for connections that workers give to each other; open while this runs. */
  readonly channels: readonly number[];
  readonly addon: Pick<NativeAddon, 'QueueWatch'>;
  readonly logger: Logger;
  readonly stopping: () => boolean;
  /** Clients may wait, who would wake it at once. */
  readonly paused: () => boolean;
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
    if (!this.#options.config.cheap) return;
    this.#watchQueues();
    this.#tellCheap();
  }

  /**
   * Once a second. `now` in seconds. A connection that a client keeps is not closed for this: it may ask the next thing at any
   * moment. So the rest begins when the last one has ended, after `--keepalive-timeout` at the latest. What routers keep does
   * not count: they keep it while the workers rest.
   */
  tick(now: number): void {
    const { config, slots, stop, paused } = this.#options;
    if (config.idle === 0 || this.resting) return;
    const { serves, ...counters } = activity(slots);
    this.#state = idleAfter(this.#state, { now, ...counters, serves: serves && !paused() });
    const idle = now - this.#state.since;
    if (idle < config.idle || sum(slots, 'CONNECTIONS') > 0) return;
    const reason = `workers have been inactive for more than ${config.idle} seconds`;
    if (config.dieOnIdle) stop(`${reason} (die-on-idle)`);
    else this.#rest(reason, true);
  }

  get resting(): boolean {
    return this.#watch !== undefined;
  }

  /** The operator says so: all workers go, and connections that clients keep close. The next client brings workers back. */
  rest(reason: string): void {
    this.#rest(reason, false);
  }

  /** Before the queues are closed. */
  stop(): void {
    this.#watch?.stop();
    this.#watch = undefined;
  }

  /** `kept`: a connection that has come since the last look is for the next workers, and wakes them. */
  #rest(reason: string, kept: boolean): void {
    const { cheaping, logger } = this.#options;
    if (this.resting) return;
    // First of all: nobody may go who could not be called back.
    this.#watchQueues();
    logger.info(`${reason}: all workers end`, { event: 'resting', reason });
    cheaping.cheapAll(reason, kept);
    this.#tellCheap();
  }

  #watchQueues(): void {
    const { fds, channels, addon } = this.#options;
    this.#watch = new addon.QueueWatch([...fds, ...channels], () => this.#wake());
  }

  #tellCheap(): void {
    const { logger } = this.#options;
    logger.info('cheap mode enabled: waiting for socket connection...', { event: 'cheap' });
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

/** A server without a ready worker is not idle: clients may wait for one. Nor is one whose workers still start. */
function activity(slots: readonly Slot[]): Omit<Activity, 'now'> {
  const before = slots.reduce((requests, { totals }) => requests + totals.requests, 0);
  return {
    requests: before + sum(slots, 'REQUESTS'),
    inFlight: sum(slots, 'IN_FLIGHT'),
    serves:
      slots.some(({ worker }) => worker?.state === 'ready') &&
      !slots.flatMap(workersOf).some(({ state }) => state === 'booting'),
  };
}

/** Of all workers that there are. */
function sum(slots: readonly Slot[], field: 'REQUESTS' | 'IN_FLIGHT' | 'CONNECTIONS'): number {
  const boards = slots.flatMap(workersOf).map(({ board }) => board?.row.get(field) ?? 0);
  return boards.reduce((total, value) => total + value, 0);
}
