import type { Config } from '../../config/config.js';
import type { Logger } from '../../log/logger.js';
import { LimitTimer } from '../limit-timer.js';
import type { LogKeeper } from '../logging/log-keeper.js';
import { whileStopping, type MasterCommand } from './master-commands.js';
import type { Readiness } from '../readiness.js';
import { commandFor, type SignalRow } from './signals.js';

/** The master, or routers with the workers behind them. */
export interface CommandedServer {
  readonly stopping: boolean;
  perform(command: MasterCommand, reason: string): void;
}

export interface DeskOptions {
  readonly config: Pick<Config, 'stopDelay' | 'exitOnReload'>;
  readonly server: CommandedServer;
  readonly readiness: Readiness;
  readonly log: Pick<LogKeeper, 'logger' | 'reopen' | 'rotate' | 'hasFiles'>;
  /** A stop is announced; the server may go on for `--stop-delay`. */
  readonly stopAnnounced: (reason: string) => void;
  /** At every order to stop. `now`: without waiting for requests. */
  readonly stopHeir: (now: boolean) => void;
  /** Takes over what has changed in the options. False: they are wrong, nothing is to be reloaded. */
  readonly rereadOptions: () => boolean;
  readonly writePidfiles: () => void;
  readonly upgrade: (reason: string) => void;
  /** Has more or fewer workers. */
  readonly countWorkers: (command: MasterCommand, reason: string) => void;
}

/**
 * Where every command to the running server arrives: signals, letters of the fifo, touched files, messages from the
 * application. Does what concerns the server as a whole and leaves the rest to the master.
 */
export class CommandDesk {
  readonly #options: DeskOptions;
  readonly #logger: Logger;
  readonly #delay = new LimitTimer();

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#logger = options.log.logger;
  }

  onSignal(row: SignalRow): void {
    const reason = `${row.signal} received`;
    if (this.#delay.running) this.#whileDelayed(commandFor(row, false), reason);
    else this.#perform(commandFor(row, this.#options.server.stopping), reason);
  }

  /** `reason`: who gave the command, for the log. */
  give(command: MasterCommand, reason: string): void {
    if (this.#delay.running) this.#whileDelayed(command, reason);
    else this.#perform(this.#options.server.stopping ? whileStopping(command) : command, reason);
  }

  /** A second order to stop does not wait any longer; nothing is renewed in a server that is about to stop. */
  #whileDelayed(command: MasterCommand, reason: string): void {
    const stops = command === 'stop-gracefully' || command === 'stop-now';
    if (stops) this.#delay.clear();
    this.#perform(stops ? command : whileStopping(command), reason, true);
  }

  #perform(command: MasterCommand, reason: string, delayed = false): void {
    const { server, log, config } = this.#options;
    switch (command) {
      case 'stop-gracefully': {
        this.#stop(reason, delayed ? 0 : config.stopDelay * 1000);
        return;
      }
      case 'stop-now': {
        this.#announceStop(reason);
        this.#options.stopHeir(true);
        server.perform(command, reason);
        return;
      }
      case 'reload':
      case 'reload-now': {
        this.#reload(command, reason);
        return;
      }
      case 'upgrade': {
        this.#options.upgrade(reason);
        return;
      }
      case 'log-workers': {
        // What log rotation sends to many servers is this command's signal.
        if (log.hasFiles) log.reopen(reason);
        server.perform(command, reason);
        return;
      }
      case 'reopen-log': {
        log.reopen(reason);
        return;
      }
      case 'rotate-log': {
        log.rotate(reason);
        return;
      }
      case 'write-pidfiles': {
        this.#options.writePidfiles();
        return;
      }
      case 'go-cheap':
      case 'add-worker':
      case 'remove-worker': {
        this.#options.countWorkers(command, reason);
        return;
      }
      default: {
        server.perform(command, reason);
        return;
      }
    }
  }

  #reload(command: MasterCommand, reason: string): void {
    if (this.#options.config.exitOnReload) this.#stop(`${reason}, --exit-on-reload`, 0);
    else if (this.#options.rereadOptions()) this.#options.server.perform(command, reason);
  }

  #stop(reason: string, delayMs: number): void {
    const { server } = this.#options;
    if (server.stopping) return;
    this.#announceStop(reason);
    this.#options.stopHeir(false);
    if (delayMs === 0) {
      server.perform('stop-gracefully', reason);
      return;
    }
    this.#logger.info(
      `${reason}: not ready for new clients any more, stopping in ${delayMs / 1000} s (--stop-delay)`,
      { event: 'stop-announced', reason },
    );
    this.#delay.set(delayMs, () => server.perform('stop-gracefully', reason));
  }

  #announceStop(reason: string): void {
    const { readiness, stopAnnounced } = this.#options;
    if (readiness.stopping !== undefined) return;
    readiness.stop(reason);
    stopAnnounced(reason);
  }
}
