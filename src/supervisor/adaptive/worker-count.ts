/** How many workers run: what adapts their number, what lets them rest, and what the operator asks for. */
import type { NativeAddon } from '../../binding/native.js';
import type { Config } from '../../config/config.js';
import type { Logger } from '../../log/logger.js';
import { Cheaper } from './cheaper.js';
import { Idle } from './idle.js';
import type { Master } from '../master.js';
import type { MasterCommand } from '../commands/master-commands.js';

/** As uWSGI's master looks, and what seconds in the options are counted in. */
const LOOK_MS = 1000;

export interface WorkerCountOptions {
  readonly config: Config;
  readonly master: Pick<Master, 'slots' | 'cheaping' | 'stopping' | 'paused'>;
  /** The workers' listening sockets, each once; open while this runs. */
  readonly fds: readonly number[];
  /** Receiving ends of the workers' channels for connections; open while this runs. */
  readonly channels: readonly number[];
  readonly addon: Pick<NativeAddon, 'QueueWatch' | 'listenBacklog'>;
  readonly logger: Logger;
  /** Ends the server gracefully. */
  readonly stop: (reason: string) => void;
}

export class WorkerCount {
  readonly #options: WorkerCountOptions;
  readonly #cheaper: Cheaper | undefined;
  readonly #idle: Idle;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WorkerCountOptions) {
    const { config, master, fds, addon, logger } = options;
    const { cheaping, slots } = master;
    const backlog = (): number => fds.reduce((sum, fd) => sum + (addon.listenBacklog(fd) ?? 0), 0);
    this.#options = options;
    this.#cheaper =
      config.cheaper > 0 ? new Cheaper({ config, cheaping, backlog, logger }) : undefined;
    const stopping = (): boolean => master.stopping;
    const paused = (): boolean => master.paused;
    this.#idle = new Idle({ ...options, slots, cheaping, stopping, paused });
  }

  start(): void {
    const { config } = this.#options;
    this.#idle.start();
    if (this.#cheaper === undefined && config.idle === 0) return;
    this.#timer = setInterval(() => this.#tick(), LOOK_MS);
  }

  /** Before the server stops: nobody is started any more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#idle.stop();
  }

  get busyness(): number | undefined {
    return this.#cheaper?.busyness;
  }

  perform(command: MasterCommand, reason: string): void {
    if (command === 'go-cheap') this.#idle.rest(reason);
    else if (command === 'add-worker') this.#ask(1, reason);
    else if (command === 'remove-worker') this.#ask(-1, reason);
  }

  #ask(workers: number, reason: string): void {
    if (this.#cheaper !== undefined && !this.#idle.resting) {
      this.#cheaper.tick(workers);
      return;
    }
    const why = this.#idle.resting ? 'the server rests' : 'only with --cheaper';
    this.#options.logger.info(`${reason}: ignored, ${why}`, { event: 'command-ignored', reason });
  }

  #tick(): void {
    if (this.#options.master.stopping) {
      this.stop();
      return;
    }
    this.#idle.tick(performance.now() / 1000);
    if (!this.#idle.resting) this.#cheaper?.tick();
  }
}
