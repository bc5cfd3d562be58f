import { hostname } from 'node:os';
import type { InheritedChannels } from '../binding/hand-over-channels.js';
import type { ListenerAddress, WorkerQueue } from '../binding/bound-queues.js';
import { loadAddon } from '../binding/load.js';
import type { CoreEvent, NativeAddon, NativeCore } from '../binding/native.js';
import type { Config } from '../config/config.js';
import { coreSettings, type CoreSettings } from '../config/slices.js';
import { AppLoadError, OptionError } from '../errors.js';
import type { CommandMessage, ScheduleMessage } from '../ipc/application-messages.js';
import type { InheritedMemory } from '../ipc/messages.js';
import type { ScoreboardRow } from '../ipc/scoreboard.js';
import type { Logger } from '../log/logger.js';
import { systemReason } from '../util/system-reason.js';
import type { Application } from '../app/types.js';
import { createApplicationHost, type ApplicationHost } from './application-host.js';
import { assembleApplication } from './application-stack.js';
import { watchedCalls } from './gateway/call-watch.js';
import { CoreLife, type CoreLifeOptions } from './core-life.js';
import { Deadlines, timedCalls } from './gateway/deadlines.js';
import { Dispatcher } from './gateway/dispatcher.js';
import type { WorkerFacts } from './gateway/environ.js';
import { LogErrorStream } from './gateway/error-stream.js';
import { wrapFile } from './gateway/file-body.js';
import type { ExchangeTable } from './gateway/gateway.js';
import { ownLimits } from './gateway/own-limits.js';
import { Pulse } from './pulse.js';
import { StreamMercy } from './stream-mercy.js';
import { loadFields } from './loading/load-failure.js';
import { serveApplication } from './gateway/serve-application.js';

export interface WorkerOptions extends Omit<CoreLifeOptions, 'prefix'> {
  readonly config: Config;
  readonly workerId: number;
  readonly queues: readonly WorkerQueue[];
  readonly listeners: readonly ListenerAddress[];
  /** Where the worker tells what it does, for a master that looks. */
  readonly row?: ScoreboardRow | undefined;
  /** Where connections of other workers come from, and go to. */
  readonly handOver?: InheritedChannels | undefined;
  /** The application's locks and caches, where a master made them. */
  readonly applicationMemory?: InheritedMemory | undefined;
  /** Takes what the application has to tell the master; without it there is none. */
  readonly tell?: ((message: CommandMessage | ScheduleMessage) => void) | undefined;
  /** Descriptor for request lines; standard error without it. */
  readonly requestLogFd?: number | undefined;
}

/**
 * A worker's own life: load the application, accept, drain, stop. Knows nothing of who started it
 * or of processes ending. Environment variables and working directory are those of the process
 * (`--env`, `--chdir`).
 */
export class Worker extends CoreLife {
  readonly #options: WorkerOptions;
  readonly #addon: NativeAddon;
  #pulse: Pulse | undefined;
  #deadlines: Deadlines | undefined;
  #streamMercy: StreamMercy | undefined;
  #exchanges: ExchangeTable | undefined;
  #draining = false;
  #host: ApplicationHost | undefined;

  constructor(options: WorkerOptions) {
    super(options);
    this.#options = options;
    this.#addon = loadAddon();
  }

  /**
   * Resolves when requests are accepted. Rejects with AppLoadError, with OptionError, or with what the core threw.
   */
  async start(): Promise<void> {
    this.#host = createApplicationHost(this.#options, this.#addon);
    this.#host.install();
    const application = await this.#application();
    this.begin((onEvent) => this.#createCore(application, onEvent));
    enterDirectory(this.#options.config.chdir2);
    this.#pulse?.start();
    this.#deadlines?.start();
  }

  /** Hears the application's signals and jobs. */
  get application(): Pick<ApplicationHost, 'signalled' | 'runJob'> | undefined {
    return this.#host;
  }

  /** The application is told, and what it asks for is waited for. */
  override async drain(othersGoOn = false, taker = -1): Promise<void> {
    this.#draining = true;
    this.#streamMercy?.begin();
    await Promise.all([super.drain(othersGoOn, taker), this.#host?.drain()]);
  }

  /** Requests that are cut are told why. */
  override stop(): void {
    this.#pulse?.stop();
    this.#deadlines?.stop();
    this.#streamMercy?.stop();
    this.#exchanges?.abortAll(this.#draining ? 'draining' : 'shutdown');
    super.stop();
  }

  async #application(): Promise<Application> {
    const { config, logger, row } = this.#options;
    try {
      return await assembleApplication(config, logger, () => row?.add('STATIC_REQUESTS'));
    } catch (error) {
      if (config.needApp || !(error instanceof AppLoadError)) throw error;
      logger.error(
        `*** no application loaded: every request gets 500 *** ${error.message}`,
        loadFields(error),
      );
      return withoutApplication;
    }
  }

  #createCore(application: Application, event: (event: CoreEvent) => void): NativeCore {
    const { config, workerId, queues, listeners, logger, row, handOver } = this.#options;
    const core: NativeCore = new this.#addon.Core(
      {
        ...this.#coreSettings(),
        queues,
        workerId,
        handOverFd: handOver?.receiver ?? -1,
        scoreboard: row ?? null,
      },
      { dispatch: (bytes) => dispatcher.dispatch(bytes), event },
    );
    const serve = serveApplication(application);
    const dispatcher = new Dispatcher({
      core,
      addon: this.#addon,
      serve: config.harakiri > 0 ? timedCalls(watchedCalls(serve, row)) : serve,
      facts: workerFacts(config, this.#addon.version, logger),
      listeners,
      log: logger,
    });
    if (row !== undefined) this.#pulse = new Pulse(row, dispatcher.exchanges);
    this.#exchanges = dispatcher.exchanges;
    this.#streamMercy = new StreamMercy(config.streamReloadMercy, dispatcher.exchanges);
    ownLimits.row = row;
    ownLimits.tell = (request, limitMs) => dispatcher.limit(request, limitMs);
    this.#deadlines = new Deadlines(config.harakiri * 1000, dispatcher.exchanges, ownLimits);
    return core;
  }

  #coreSettings(): CoreSettings {
    const settings = coreSettings(this.#options.config);
    const { requestLogFd } = this.#options;
    if (requestLogFd === undefined || settings.accessLogFd < 0) return settings;
    return { ...settings, accessLogFd: requestLogFd };
  }
}

const withoutApplication: Application = (_environ, startResponse) => {
  startResponse('500 Internal Server Error', [['Content-Type', 'text/plain; charset=utf-8']]);
  return 'Internal Server Error\n';
};

function workerFacts(config: Config, version: string, logger: Logger): WorkerFacts {
  const host = hostname();
  return {
    serverName: host,
    version,
    node: host,
    multithread: config.threads > 1,
    multiprocess: config.processes > 1,
    errors: new LogErrorStream((line) => logger.fact(line, { source: 'wsgi.errors' })),
    fileWrapper: wrapFile,
  };
}

/** `--chdir2` */
function enterDirectory(directory: string | undefined): void {
  if (directory === undefined) return;
  try {
    process.chdir(directory);
  } catch (error) {
    throw new OptionError('chdir2', directory, systemReason(error));
  }
}
