import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { ListenerAddress, WorkerQueue } from '../binding/listeners.js';
import { loadAddon } from '../binding/load.js';
import type { CoreEvent, NativeAddon, NativeCore } from '../binding/native.js';
import type { Config } from '../config/config.js';
import { coreSettings } from '../config/slices.js';
import { AppLoadError } from '../errors.js';
import type { Logger } from '../log/logger.js';
import type { Application } from '../app/types.js';
import { loadApp } from './app-loader.js';
import { Dispatcher } from './dispatcher.js';
import type { WorkerFacts } from './environ.js';
import { LogErrorStream } from './error-stream.js';
import { wrapFile } from './file-body.js';

export interface WorkerOptions {
  readonly config: Config;
  readonly workerId: number;
  readonly queues: readonly WorkerQueue[];
  readonly listeners: readonly ListenerAddress[];
  readonly logger: Logger;
  /**
   * Called while draining, when no queue is polled any more: the owner of the descriptors closes
   * them.
   */
  readonly queuesLeft: () => void;
}

/**
 * A worker's own life: load the application, accept, drain, stop. Knows nothing of who started it
 * or of processes ending. Environment variables and working directory are those of the process
 * (`--env`, `--chdir`).
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #addon: NativeAddon;
  #core: NativeCore | undefined;
  #drained: (() => void) | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#addon = loadAddon();
  }

  /**
   * Resolves when requests are accepted. Rejects with AppLoadError, or with what the core threw.
   */
  async start(): Promise<void> {
    const application = await this.#application();
    this.#core = this.#createCore(application);
    this.#core.start();
  }

  adopt(queues: readonly number[]): void {
    for (const queue of queues) this.#core?.adoptQueue(queue);
  }

  release(queues: readonly number[]): void {
    for (const queue of queues) this.#core?.releaseQueue(queue);
  }

  /** Takes nothing new; resolves when everything that runs is answered. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = resolve;
      if (this.#core === undefined) resolve();
      else this.#core.drain();
    });
  }

  /** Cuts what is left. Idempotent. */
  stop(): void {
    this.#core?.stop();
  }

  async #application(): Promise<Application> {
    const { config, logger } = this.#options;
    const began = performance.now();
    try {
      const { application, file } = await loadApp(config);
      const seconds = ((performance.now() - began) / 1000).toFixed(2);
      logger.fact(
        `WSGI app 0 (mountpoint='') ready in ${seconds} seconds from ${file} pid: ${process.pid} (default app)`,
        {
          file,
          seconds: Number(seconds),
        },
      );
      return application;
    } catch (error) {
      if (config.needApp || !(error instanceof AppLoadError)) throw error;
      logger.error(
        `*** no application loaded: every request gets 500 *** ${error.message}`,
        loadFields(error),
      );
      return withoutApplication;
    }
  }

  #createCore(application: Application): NativeCore {
    const { config, workerId, queues, listeners, logger } = this.#options;
    const core: NativeCore = new this.#addon.Core(
      { ...coreSettings(config), queues, workerId },
      { dispatch: (bytes) => dispatcher.dispatch(bytes), event: (event) => this.#onEvent(event) },
    );
    const dispatcher = new Dispatcher({
      core,
      addon: this.#addon,
      application,
      facts: workerFacts(config, this.#addon.version, logger),
      listeners,
      log: logger,
    });
    return core;
  }

  #onEvent(event: CoreEvent): void {
    if (event.type === 'drained') this.#drained?.();
    else if (event.type === 'queues-left') this.#options.queuesLeft();
    else this.#options.logger[event.level](event.message);
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
