/** Every socket that the server listens on, of workers and routers: bound, or left by the server whose place this takes. */
import { makeHandOverChannels } from '../binding/hand-over-channels.js';
import type { BoundQueues } from '../binding/bound-queues.js';
import type { NativeAddon } from '../binding/native.js';
import type { Config } from '../config/config.js';
import { isPureRouter } from '../config/roles.js';
import type { Inheritance } from '../startup/inheritance.js';
import { openSockets, takeInheritedSockets, underVacuum } from '../startup/open-sockets.js';
import type { StartHooks } from '../util/start-hooks.js';
import type { LogKeeper } from './logging/log-keeper.js';
import {
  bindRouterQueues,
  chooseBackends,
  createRouters,
  logRouterSockets,
} from './routers/open-routers.js';
import type { RouterGroup } from './routers/router-group.js';

export interface ServerSockets {
  /** Of the workers. */
  readonly queues: BoundQueues;
  /** Of the routers, where there are any. */
  readonly clients: BoundQueues | undefined;
  readonly routers: RouterGroup | undefined;
}

/** Bound in full before privileges are dropped. Throws ListenError. */
export async function openServerSockets(
  config: Config,
  hooks: StartHooks,
  log: LogKeeper,
  addon: NativeAddon,
  left: Pick<Inheritance, 'workers' | 'routers' | 'routerChannels'> | undefined,
): Promise<ServerSockets> {
  const { logger } = log;
  const processes = isPureRouter(config) ? 0 : config.processes;
  const mode = { master: true, processes };
  const inherited = takeInheritedSockets(logger);
  if (config.http.length === 0) {
    // Addresses that were routers' may be workers' now; `openSockets` closes the others.
    const kept = left && [...left.workers, ...left.routers];
    const queues = await openSockets(config, mode, hooks, logger, addon, inherited, kept);
    return { queues, clients: undefined, routers: undefined };
  }
  const bound = await bindRouterQueues(config, inherited, addon, left?.routers);
  const taken = new Set(bound.queues.map(({ fd }) => fd));
  const free = inherited.filter(({ fd }) => !taken.has(fd));
  const clients = underVacuum(config, bound, logger);
  try {
    const allBound = (): void => {
      logRouterSockets(logger, clients);
      hooks.bound();
    };
    const own = { ...hooks, bound: allBound };
    const workers = await openSockets(config, mode, own, logger, addon, free, left?.workers);
    const { queues, backends } = chooseBackends(config, workers, addon);
    const channels = makeHandOverChannels(config.httpProcesses, addon, left?.routerChannels);
    const routers = createRouters({ config, queues: clients, backends, channels }, log);
    return { queues, clients, routers };
  } catch (error) {
    bound.removeFiles();
    bound.close();
    throw error;
  }
}
