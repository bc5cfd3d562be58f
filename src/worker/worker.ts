import { hostname } from 'node:os';
import type { ListenerAddress, WorkerQueue } from '../binding/listeners.js';
import { loadAddon } from '../binding/load.js';
import type { CoreEvent, NativeAddon, NativeCore } from '../binding/native.js';
import type { Config } from '../config/config.js';
import { coreSettings, type CoreSettings } from '../config/slices.js';
import { AppLoadError } from '../errors.js';
import type { ScoreboardRow } from '../ipc/scoreboard.js';
import type { Logger } from '../log/logger.js';
import type { Application } from '../app/types.js';
import { assembleApplication } from './application-stack.js';
import { watchedCalls } from './call-watch.js';
import { CoreLife, type CoreLifeOptions } from './core-life.js';
import { Deadlines, timedCalls } from './deadlines.js';
import { Dispatcher } from './dispatcher.js';
import type { WorkerFacts } from './environ.js';
import { LogErrorStream } from './error-stream.js';
import { wrapFile } from './file-body.js';
import { Pulse } from './pulse.js';
import { serveApplication } from './serve-application.js';

export interface WorkerOptions extends Omit<CoreLifeOptions, 'prefix'> {
  readonly config: Config;
  readonly workerId: number;
  readonly queues: readonly WorkerQueue[];
  readonly listeners: readonly ListenerAddress[];
  /** Where the worker tells what it does, for a master that looks. */
  readonly row?: ScoreboardRow | undefined;
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

  constructor(options: WorkerOptions) {
    super(options);
    this.#options = options;
    this.#addon = loadAddon();
  }

  /**
   * Resolves when requests are accepted. Rejects with AppLoadError, or with what the core threw.
   */
  async start(): Promise<void> {
    const application = await this.#application();
    this.begin((onEvent) => this.#createCore(application, onEvent));
    if (this.#options.config.chdir2 !== undefined) process.chdir(this.#options.config.chdir2);
    this.#pulse?.start();
    this.#deadlines?.start();
  }

  override stop(): void {
    this.#pulse?.stop();
    this.#deadlines?.stop();
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
    const { config, workerId, queues, listeners, logger, row } = this.#options;
    const core: NativeCore = new this.#addon.Core(
      { ...this.#coreSettings(), queues, workerId },
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
    if (row !== undefined) this.#pulse = new Pulse(row, core, dispatcher.exchanges);
    if (config.harakiri > 0)
      this.#deadlines = new Deadlines(config.harakiri * 1000, dispatcher.exchanges);
    return core;
  }

  #coreSettings(): CoreSettings {
    const settings = coreSettings(this.#options.config);
    const { requestLogFd } = this.#options;
    if (requestLogFd === undefined || settings.accessLogFd < 0) return settings;
    return { ...settings, accessLogFd: requestLogFd };
  }
}

/** What a record about a failed load carries: the stack of what the module threw. */
export function loadFields(error: AppLoadError): { reason: string; stack?: string } {
  const { message: reason, cause } = error;
  return cause instanceof Error && cause.stack !== undefined
    ? { reason, stack: cause.stack }
    : { reason };
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
