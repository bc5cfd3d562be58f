import { fileURLToPath } from 'node:url';
import type { BoundQueues } from '../binding/listeners.js';
import { loadAddon } from '../binding/load.js';
import { socketAccess } from '../binding/socket-access.js';
import type { NativeAddon } from '../binding/native.js';
import type { Config } from '../config/config.js';
import { isPureRouter } from '../config/roles.js';
import { openSockets, takeInheritedSockets, underVacuum } from '../startup/open-sockets.js';
import type { StartHooks } from '../util/start-hooks.js';
import { LogKeeper } from './log-keeper.js';
import { countOomKills } from './oom-kills.js';
import { reapOrphans } from './orphans.js';
import { onSignals } from './signals.js';
import { processSpawner, workerNodeArgs } from './spawn.js';
import { Master } from './master.js';
import {
  bindRouterQueues,
  chooseBackends,
  createRouters,
  logRouterSockets,
} from './open-routers.js';
import { RoutedServer } from './routed-server.js';
import type { RouterGroup } from './router-group.js';
import { Scoreboard } from './scoreboard.js';
import { needsScoreboard, Services } from './services.js';
import { StatsServer } from './stats-server.js';

/** A path, not an import: the master never loads what a worker loads. */
const WORKER_ENTRY = fileURLToPath(new URL('../worker/main.js', import.meta.url));

/**
 * Runs the master until it has stopped and returns the exit code (docs/signals.md). Throws ListenError when an
 * address cannot be bound.
 */
export async function runSupervisor(config: Config, hooks: StartHooks): Promise<number> {
  const addon = loadAddon();
  const log = new LogKeeper(config, hooks.logFile, addon);
  const { logger, relay } = log;
  const stats = await StatsServer.open(config, socketAccess(config, addon), logger);
  const { queues, routers } = await openAll(config, hooks, log, addon).catch((error: unknown) => {
    stats?.close();
    throw error;
  });
  const alone = isPureRouter(config);
  const master = new Master({
    config: alone ? { ...config, processes: 0 } : config,
    queues,
    logger,
    spawn: processSpawner({
      entry: WORKER_ENTRY,
      directory: process.cwd(),
      nodeArgs: workerNodeArgs(process.execArgv),
      relay,
    }),
    scoreboard: needsScoreboard(config) ? new Scoreboard(config.processes, addon) : undefined,
    requestLog: relay?.separatesRequests === true,
    reloading: () => {
      if (config.logReopen) log.reopen('log-reopen');
    },
    oomKills: countOomKills,
    random: Math.random,
    allReady: () => (routed === undefined ? hooks.ready() : routed.workersReady()),
  });
  const workers = alone ? undefined : master;
  const routed =
    routers && new RoutedServer({ config, routers, workers, logger, allReady: hooks.ready });
  const server = routed ?? master;
  const services = new Services({ config, master, routers, queues, log, stats });
  services.start();
  const stopReaping =
    process.pid === 1
      ? reapOrphans(
          () => new Set([...server.childPids(), ...services.pids()]),
          (pid) => addon.reapChild(pid),
        )
      : undefined;
  const exitCode = await superviseUntilStopped(server, services);
  stopReaping?.();
  return exitCode;
}

/** The sockets of workers and routers; bound in full before privileges are dropped. */
async function openAll(
  config: Config,
  hooks: StartHooks,
  log: LogKeeper,
  addon: NativeAddon,
): Promise<{ readonly queues: BoundQueues; readonly routers: RouterGroup | undefined }> {
  const { logger } = log;
  const processes = isPureRouter(config) ? 0 : config.processes;
  const mode = { master: true, processes };
  if (config.http.length === 0) {
    return { queues: await openSockets(config, mode, hooks, logger, addon), routers: undefined };
  }
  const inherited = takeInheritedSockets(logger);
  const bound = await bindRouterQueues(config, inherited, addon);
  const taken = new Set(bound.queues.map(({ fd }) => fd));
  const left = inherited.filter(({ fd }) => !taken.has(fd));
  const clients = underVacuum(config, bound, logger);
  try {
    const allBound = (): void => {
      logRouterSockets(logger, clients);
      hooks.bound();
    };
    const own = await openSockets(config, mode, { ...hooks, bound: allBound }, logger, addon, left);
    const { queues, backends } = chooseBackends(config, own, addon);
    return { queues, routers: createRouters(config, clients, backends, log) };
  } catch (error) {
    bound.removeFiles();
    bound.close();
    throw error;
  }
}

type Server = Pick<Master, 'start' | 'onSignal' | 'internalError' | 'finished'>;

/** Signals are heard to the end: one that comes while daemons end must not leave them alone. */
async function superviseUntilStopped(
  server: Server,
  services: Pick<Services, 'stop'>,
): Promise<number> {
  const ignoreSignals = onSignals((row) => server.onSignal(row));
  const onError = (error: unknown): void => server.internalError(error);
  process.on('uncaughtException', onError);
  try {
    server.start();
    const exitCode = await server.finished;
    await services.stop();
    return exitCode;
  } finally {
    process.off('uncaughtException', onError);
    ignoreSignals();
  }
}
