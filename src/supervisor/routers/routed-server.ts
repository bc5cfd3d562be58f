import type { Config } from '../../config/config.js';
import { ExitCode } from '../../ipc/exit-codes.js';
import type { Logger } from '../../log/logger.js';
import { mercyWords } from '../../log/mercy-words.js';
import type { Master } from '../master.js';
import type { RouterGroup, RouterObserver } from './router-group.js';
import type { MasterCommand } from '../commands/master-commands.js';
import type { HeirSlots } from '../reload/upgrade.js';

/** The part of a master that a server with routers uses. */
export type WorkerFleet = Pick<
  Master,
  | 'start'
  | 'perform'
  | 'handOver'
  | 'stopGracefully'
  | 'stopNow'
  | 'childPids'
  | 'internalError'
  | 'finished'
>;

export interface RoutedServerOptions {
  readonly config: Config;
  readonly routers: RouterGroup;
  /** undefined: the backends are elsewhere, and no worker runs here. */
  readonly workers: WorkerFleet | undefined;
  readonly logger: Logger;
  /**
   * It takes the place of a running server, whose routers have the clients on the same sockets: the routers here start
   * when there are workers to send requests to.
   */
  readonly isHeir: boolean;
  /** Once, when routers and workers are ready for the first time. */
  readonly allReady: () => void;
}

/** Requests are cut anyway: for whoever does not hear the order. */
const STOP_NOW_GRACE_MS = 1000;

/** Before them the options were read again, which concerns routers too. */
const OPTIONS_WERE_READ: ReadonlySet<MasterCommand> = new Set(['reload', 'reload-now']);

/**
 * Routers and the workers behind them as one server. A graceful stop goes from the outside in: routers finish their
 * requests while the workers still answer, then the workers go. Each has the whole mercy.
 */
export class RoutedServer implements RouterObserver {
  /** The exit code, when neither a router nor a worker is left. */
  readonly finished: Promise<number>;
  readonly #options: RoutedServerOptions;
  #finish: () => void = () => undefined;
  #phase: 'running' | 'draining' | 'stopping' = 'running';
  #reason = '';
  #exitCode: number = ExitCode.OK;
  #workersReady: boolean;
  #workersFinished: boolean;
  #announced = false;
  #heir: HeirSlots | undefined;

  constructor(options: RoutedServerOptions) {
    const { workers } = options;
    this.#options = options;
    this.#workersReady = workers === undefined;
    this.#workersFinished = workers === undefined;
    this.finished = new Promise((resolve) => {
      this.#finish = () => resolve(this.#exitCode);
    });
  }

  start(): void {
    const { workers, routers } = this.#options;
    routers.observe(this);
    workers?.start();
    void workers?.finished.then((exitCode) => this.#fleetFinished(exitCode));
    if (!this.#routersWait) routers.start();
  }

  /** What concerns the server as a whole is decided here; the rest is the workers' own. */
  perform(command: MasterCommand, reason: string): void {
    const { workers, routers, logger } = this.#options;
    if (command === 'stop-gracefully') this.#stopGracefully(reason);
    else if (command === 'stop-now') this.#stopNow(reason);
    else if (command === 'log-workers') {
      routers.logState();
      if (this.#phase === 'running') workers?.perform(command, reason);
    } else {
      const renewed = OPTIONS_WERE_READ.has(command) && routers.reload(reason);
      if (this.#phase === 'running') workers?.perform(command, reason);
      if (workers === undefined && !renewed) {
        logger.info(`${reason}: ignored, no application runs here`, { event: 'command-ignored' });
      }
    }
  }

  /** Whether it stops already; then only orders to stop faster mean something. */
  get stopping(): boolean {
    return this.#phase !== 'running';
  }

  /** Routers and workers were all ready at one moment since the start. */
  get started(): boolean {
    return this.#announced;
  }

  /** The new master's routers and workers serve: from the outside in, as a graceful stop. */
  handOver(reason: string, heir: HeirSlots): void {
    this.#heir = heir;
    this.#stopGracefully(reason);
  }

  childPids(): Set<number> {
    const { workers, routers } = this.#options;
    return new Set([...(workers?.childPids() ?? []), ...routers.pids()]);
  }

  internalError(error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.logger.error('internal error in the master, which goes on', {
      event: 'internal-error',
      stack,
    });
  }

  /** From the master: every worker is ready for the first time. */
  workersReady(): void {
    this.#workersReady = true;
    if (this.#routersWait) this.#options.routers.start();
    this.#announceOnce();
  }

  routersReady(): void {
    this.#announceOnce();
  }

  routersFail(reason: string): void {
    this.#exitCode = ExitCode.GAVE_UP;
    this.#stopNow(reason);
  }

  routersGone(): void {
    const { workers } = this.#options;
    if (this.#phase === 'draining') {
      if (this.#heir === undefined) workers?.stopGracefully(this.#reason);
      else workers?.handOver(this.#reason, this.#heir);
    }
    this.#finishWhenEmpty();
  }

  get #routersWait(): boolean {
    const { isHeir, workers } = this.#options;
    return isHeir && workers !== undefined;
  }

  #stopGracefully(reason: string): void {
    if (this.#phase !== 'running') return;
    this.#phase = 'draining';
    this.#reason = reason;
    const { config, routers, logger } = this.#options;
    const mercy = config.workerReloadMercy;
    logger.info(
      `${reason}: stopping gracefully, routers have ${mercyWords(mercy)} to finish requests`,
      {
        event: 'stopping',
        reason,
      },
    );
    if (this.#heir === undefined) routers.drain(reason, mercy * 1000);
    else routers.handOver(reason, mercy * 1000, this.#heir.routers);
  }

  #stopNow(reason: string): void {
    if (this.#phase === 'stopping') return;
    this.#phase = 'stopping';
    const { workers, routers } = this.#options;
    routers.stop(reason, STOP_NOW_GRACE_MS);
    workers?.stopNow(reason);
  }

  /** Also without an order: the workers cannot boot, or the master gave up. */
  #fleetFinished(exitCode: number): void {
    this.#workersFinished = true;
    if (this.#exitCode === ExitCode.OK) this.#exitCode = exitCode;
    this.#stopNow('no worker is left');
    this.#finishWhenEmpty();
  }

  #finishWhenEmpty(): void {
    const { workers, routers, logger } = this.#options;
    if (!this.#workersFinished || !routers.empty) return;
    // With workers their master says so.
    if (workers === undefined) logger.info('goodbye to tsuwsgi-native.', { event: 'goodbye' });
    this.#finish();
  }

  #announceOnce(): void {
    const { routers, logger, config, allReady } = this.#options;
    if (this.#announced || !this.#workersReady || !routers.allReady) return;
    this.#announced = true;
    const count = config.httpProcesses;
    logger.fact(`*** all routers are ready (${count}) ***`, { routers: count });
    allReady();
  }
}
