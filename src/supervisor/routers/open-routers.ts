/** Binds what routers need and puts them together: queues for clients, backends, processes. */
import { fileURLToPath } from 'node:url';
import { bindQueues } from '../../binding/bind-queues.js';
import { socketsOf, type BoundQueues, type ListenerFacts } from '../../binding/bound-queues.js';
import type { KeptListener } from '../../binding/kept-sockets.js';
import type { NativeAddon } from '../../binding/native.js';
import { addPrivateSockets } from '../../binding/private-sockets.js';
import { socketAccess } from '../../binding/socket-access.js';
import { parseBackends, reachable, unixPath } from '../../config/backend-address.js';
import type { Config } from '../../config/config.js';
import { listOf } from '../../config/parsed.js';
import type { InheritedSocket } from '../../config/socket-activation.js';
import type { Logger } from '../../log/logger.js';
import { describeFds } from '../../log/startup-facts.js';
import type { LogKeeper } from '../logging/log-keeper.js';
import { RouterGroup } from './router-group.js';
import type { RouterBackend, RouterStarterOptions } from './router-starter.js';
import { workerIdOf } from '../workers/slot.js';
import { processSpawner, workerNodeArgs } from '../workers/spawn.js';

/** A path, not an import: the master never loads what a router loads. */
const ROUTER_ENTRY = fileURLToPath(new URL('../../router/main.js', import.meta.url));

/** The addresses of `--http`. Like workers, each router process has a queue of its own for each TCP address. */
export function bindRouterQueues(
  config: Config,
  inherited: readonly InheritedSocket[],
  addon: NativeAddon,
  kept: readonly KeptListener[] = [],
): Promise<BoundQueues> {
  return bindQueues(
    {
      addresses: config.http.map((address) => ({ ...address, protocol: 'http' as const })),
      slots: config.httpProcesses,
      loopsPerSlot: 1,
      backlog: config.listen,
      access: socketAccess(config, addon),
      inherited: inherited.map(({ fd }) => ({ fd, protocol: 'http' })),
      kept,
      unclaimed: 'leave',
    },
    addon,
  );
}

/** One line an address, in uWSGI's words. */
export function logRouterSockets(logger: Logger, bound: BoundQueues): void {
  for (const [index, listener] of bound.listeners.entries()) {
    const fds = socketsOf(bound, index);
    logger.fact(`tsuwsgi http bound on ${addressText(listener)} ${describeFds(fds)}`, {
      router: index,
      ...listener,
      fds,
    });
  }
}

export interface Backends {
  readonly backends: readonly RouterBackend[];
  /** The workers' queues, with private ones where routers need them. */
  readonly queues: BoundQueues;
}

/**
 * Where routers send requests: the addresses of `--http-to`; else the workers' own uwsgi sockets, as uWSGI does it; else
 * private sockets, one for each I/O loop of each worker.
 */
export function chooseBackends(config: Config, bound: BoundQueues, addon: NativeAddon): Backends {
  if (config.httpTo.length > 0) {
    return { backends: listOf(config.httpTo, parseBackends), queues: bound };
  }
  const own = bound.listeners.filter(({ protocol }) => protocol === 'uwsgi');
  if (own.length > 0) return { backends: own.map(backendOf), queues: bound };
  const { processes, threads, listen } = config;
  const options = { slots: processes, loopsPerSlot: threads, backlog: listen };
  const { queues, endpoints } = addPrivateSockets(bound, options, addon);
  const backends = endpoints.map(({ fd, slot, loop }) => {
    const worker = `worker ${workerIdOf(slot)}`;
    return { kind: 'fd' as const, fd, text: threads > 1 ? `${worker} thread ${loop + 1}` : worker };
  });
  return { backends, queues };
}

/** `queues` are those of the routers' own addresses. */
export function createRouters(
  parts: Pick<RouterStarterOptions, 'config' | 'queues' | 'backends' | 'channels'>,
  { logger, relay }: Pick<LogKeeper, 'logger' | 'relay'>,
): RouterGroup {
  return new RouterGroup({
    ...parts,
    logger,
    spawn: processSpawner({
      entry: ROUTER_ENTRY,
      directory: process.cwd(),
      nodeArgs: workerNodeArgs(process.execArgv),
      relay,
    }),
    random: Math.random,
  });
}

function backendOf(listener: ListenerFacts): RouterBackend {
  const text = addressText(listener);
  const { family, host, port } = listener;
  if (family === 'tcp') return { kind: 'tcp', host: reachable(host), port, text };
  const abstractName = host.startsWith('@');
  return {
    kind: 'unix',
    path: unixPath({ name: abstractName ? host.slice(1) : host, abstractName }),
    text,
  };
}

function addressText({ family, host, port }: ListenerFacts): string {
  if (family === 'unix') return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
