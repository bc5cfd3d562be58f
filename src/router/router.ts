import { hostname } from 'node:os';
import type { InheritedChannels } from '../binding/hand-over-channels.js';
import type { ListenerAddress, WorkerQueue } from '../binding/bound-queues.js';
import { loadAddon } from '../binding/load.js';
import type { CoreEvent, NativeAddon, NativeCore } from '../binding/native.js';
import type { BackendAddress } from '../config/backend-address.js';
import type { Config } from '../config/config.js';
import { routerCoreSettings } from '../config/slices.js';
import { CoreLife, type CoreLifeOptions } from '../worker/core-life.js';
import { Dispatcher } from '../worker/gateway/dispatcher.js';
import type { WorkerFacts } from '../worker/gateway/environ.js';
import { wrapFile } from '../worker/gateway/file-body.js';
import { RoutedRequest } from './routed-request.js';
import { routerSettings } from './router-settings.js';

export interface RouterOptions extends Omit<CoreLifeOptions, 'prefix'> {
  readonly config: Config;
  /** Counted from 1, as workers are. */
  readonly routerId: number;
  readonly queues: readonly WorkerQueue[];
  readonly listeners: readonly ListenerAddress[];
  readonly backends: readonly BackendAddress[];
  /** Where connections of other routers come from, and go to. */
  readonly handOver?: InheritedChannels | undefined;
}

/**
 * A router's own life: accept HTTP, pass requests to backends, drain, stop. The native core and the dispatcher are
 * those of a worker; in the application's place stand RoutedRequests.
 */
export class Router extends CoreLife {
  readonly #options: RouterOptions;
  readonly #addon: NativeAddon;

  constructor(options: RouterOptions) {
    super({ ...options, prefix: '[http] ' });
    this.#options = options;
    this.#addon = loadAddon();
  }

  /** Resolves when requests are accepted. Rejects with what the core threw. */
  start(): Promise<void> {
    this.begin((onEvent) => this.#createCore(onEvent));
    return Promise.resolve();
  }

  #createCore(event: (event: CoreEvent) => void): NativeCore {
    const { config, routerId, queues, listeners, backends, logger, handOver } = this.#options;
    const settings = routerSettings(config, backends, logger);
    const core: NativeCore = new this.#addon.Core(
      {
        ...routerCoreSettings(config),
        queues,
        workerId: routerId,
        handOverFd: handOver?.receiver ?? -1,
        scoreboard: null,
      },
      { dispatch: (bytes) => dispatcher.dispatch(bytes), event },
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
