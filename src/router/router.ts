import { hostname } from 'node:os';
import type { ListenerAddress, WorkerQueue } from '../binding/listeners.js';
import { loadAddon } from '../binding/load.js';
import type { CoreEvent, NativeAddon, NativeCore } from '../binding/native.js';
import type { BackendAddress } from '../config/backend-address.js';
import type { Config } from '../config/config.js';
import { routerCoreSettings } from '../config/slices.js';
import type { Logger } from '../log/logger.js';
import { Dispatcher } from '../worker/dispatcher.js';
import type { WorkerFacts } from '../worker/environ.js';
import { wrapFile } from '../worker/file-body.js';
import { RoutedRequest } from './routed-request.js';
import { routerSettings } from './router-settings.js';

export interface RouterOptions {
  readonly config: Config;
  /** Counted from 1, as workers are. */
  readonly routerId: number;
  readonly queues: readonly WorkerQueue[];
  readonly listeners: readonly ListenerAddress[];
  readonly backends: readonly BackendAddress[];
  readonly logger: Logger;
  /** Called while draining, when no queue is polled any more: the owner of the descriptors closes them. */
  readonly queuesLeft: () => void;
}

/**
 * A router's own life: accept HTTP, pass requests to backends, drain, stop. The native core and the dispatcher are
 * those of a worker; in the application's place stand RoutedRequests.
 */
export class Router {
  readonly #options: RouterOptions;
  readonly #addon: NativeAddon;
  #core: NativeCore | undefined;
  #drained: (() => void) | undefined;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#addon = loadAddon();
  }

  /** Resolves when requests are accepted. Rejects with what the core threw. */
  start(): Promise<void> {
    this.#core = this.#createCore();
    this.#core.start();
    return Promise.resolve();
  }

  adopt(queues: readonly number[]): void {
    for (const queue of queues) this.#core?.adoptQueue(queue);
  }

  release(queues: readonly number[]): void {
    for (const queue of queues) this.#core?.releaseQueue(queue);
  }

  /** Takes nothing new; resolves when everything that runs is answered. */
  drain(othersGoOn = false): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = resolve;
      if (this.#core === undefined) resolve();
      else this.#core.drain(othersGoOn);
    });
  }

  /** Cuts what is left. Idempotent. */
  stop(): void {
    this.#core?.stop();
  }

  #createCore(): NativeCore {
    const { config, routerId, queues, listeners, backends, logger } = this.#options;
    const settings = routerSettings(config, backends, logger);
    const core: NativeCore = new this.#addon.Core(
      { ...routerCoreSettings(config), queues, workerId: routerId },
      { dispatch: (bytes) => dispatcher.dispatch(bytes), event: (event) => this.#onEvent(event) },
    );
    const dispatcher = new Dispatcher({
      core,
      addon: this.#addon,
      serve: (...request) => new RoutedRequest(settings, ...request).start(),
      facts: routerFacts(this.#addon.version),
      listeners,
      log: logger,
    });
    return core;
  }

  #onEvent(event: CoreEvent): void {
    if (event.type === 'drained') this.#drained?.();
    else if (event.type === 'queues-left') this.#options.queuesLeft();
    else this.#options.logger[event.level](`[http] ${event.message}`);
  }
}

/** Only the server's name reaches a backend; the rest has no reader here. */
function routerFacts(version: string): WorkerFacts {
  const host = hostname();
  return {
    serverName: host,
    version,
    node: host,
    multithread: false,
    multiprocess: false,
    errors: { write: () => undefined, writelines: () => undefined, flush: () => undefined },
    fileWrapper: wrapFile,
  };
}
