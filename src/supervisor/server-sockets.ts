/** Every socket that the server listens on, of workers and routers: bound, or left by the server whose place this takes. */
import { makeHandOverChannels } from '../binding/hand-over-channels.js';
import type { BoundQueues } from '../binding/bound-queues.js';
import type { KeptListener } from '../binding/kept-sockets.js';
import type { NativeAddon } from '../binding/native.js';
import type { Config } from '../config/config.js';
import { listenAddresses } from '../config/listen-addresses.js';
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
  const kept = left && sharedOut(config, left);
  if (config.http.length === 0) {
    const queues = await openSockets(config, mode, hooks, logger, addon, inherited, kept?.workers);
    return { queues, clients: undefined, routers: undefined };
  }
  const bound = await bindRouterQueues(config, inherited, addon, kept?.routers);
  const taken = new Set(bound.queues.map(({ fd }) => fd));
  const free = inherited.filter(({ fd }) => !taken.has(fd));
  const clients = underVacuum(config, bound, logger);
  try {
    const allBound = (): void => {
      logRouterSockets(logger, clients);
      hooks.bound();
    };
    const own = { ...hooks, bound: allBound };
    const workers = await openSockets(config, mode, own, logger, addon, free, kept?.workers);
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

/** What an upgrade keeps goes to who had it, but for addresses that pass from workers to routers, or back. */
function sharedOut(
  config: Config,
  left: Pick<Inheritance, 'workers' | 'routers'>,
): Pick<Inheritance, 'workers' | 'routers'> {
  if (config.http.length === 0) return { workers: [...left.workers, ...left.routers], routers: [] };
  const ofRouters = textsOf(config.http);
  const ofWorkers = textsOf(listenAddresses(config));
  // Both may have the same one: with port 0.
  const toRouters = ({ text }: KeptListener): boolean =>
    ofRouters.has(text) && !ofWorkers.has(text);
  const toWorkers = ({ text }: KeptListener): boolean =>
    ofWorkers.has(text) && !ofRouters.has(text);
  return {
    workers: [
      ...left.workers.filter((kept) => !toRouters(kept)),
      ...left.routers.filter(toWorkers),
    ],
    routers: [
      ...left.routers.filter((kept) => !toWorkers(kept)),
      ...left.workers.filter(toRouters),
    ],
  };
}

function textsOf(addresses: readonly { readonly text: string }[]): ReadonlySet<string> {
  return new Set(addresses.map(({ text }) => text));
}
