import { fileURLToPath } from 'node:url';
import { makeHandOverChannels, type HandOverChannels } from '../binding/hand-over-channels.js';
import type { BoundQueues } from '../binding/bound-queues.js';
import type { NativeAddon } from '../binding/native.js';
import { loadAddon } from '../binding/load.js';
import { socketAccess } from '../binding/socket-access.js';
import type { Config } from '../config/config.js';
import { isPureRouter } from '../config/roles.js';
import type { StartOrigin } from '../startup/origin.js';
import type { Inheritance } from '../startup/inheritance.js';
import { optimizeCode } from '../startup/engine.js';
import type { StartHooks } from '../util/start-hooks.js';
import { openApplicationDesk, type ApplicationDesk } from './application-desk.js';
import { withInspector } from './harakiri/hang-stack.js';
import type { Heir } from './reload/heir.js';
import { LogKeeper } from './logging/log-keeper.js';
import { lackOfMemoryBeside } from './recycling/memory-room.js';
import { Master } from './master.js';
import type { MasterCommand } from './commands/master-commands.js';
import { countOomKills } from './workers/oom-kills.js';
import { Operations } from './operations.js';
import type { LiveConfig } from './reload/options-reread.js';
import { closeUnused } from './reload/unused-inheritance.js';
import { reapOrphans } from './orphans.js';
import type { Readiness } from './readiness.js';
import { RoutedServer } from './routers/routed-server.js';
import { Scoreboard } from './workers/scoreboard.js';
import { openServerSockets, type ServerSockets } from './server-sockets.js';
import type { Phased } from './stats/server-state.js';
import { Services } from './services.js';
import { processSpawner, workerNodeArgs } from './workers/spawn.js';
import { StatsServer } from './stats/stats-server.js';
import { wellBeing } from './well-being.js';

/** A path, not an import: the master never loads what a worker loads. */
const WORKER_ENTRY = fileURLToPath(new URL('../worker/main.js', import.meta.url));

/**
 * Runs the master until it has stopped and returns the exit code (docs/errors.md). Throws ListenError when an
 * address cannot be bound.
 */
export async function runSupervisor(
  given: Config,
  hooks: StartHooks,
  origin: StartOrigin,
): Promise<number> {
  const addon = loadAddon();
  const config: LiveConfig = { ...given };
  const log = new LogKeeper(config, hooks.logFile, addon);
  const { logger } = log;
  const operations = new Operations({ config, origin, log, addon, hooksReady: hooks.ready });
  const left = origin.inheritance;
  if (left !== undefined) closeUnused(config, left);
  const { stats, sockets } = await openServer(config, hooks, origin, log, addon, operations.heir);
  if (log.relay !== undefined) optimizeCode();
  const { queues, routers } = sockets;
  const alone = isPureRouter(config);
  const channels = alone ? undefined : openChannels(config, addon, left);
  const applications = alone
    ? undefined
    : openApplications(config, addon, log, left, () => master, operations);
  const master: Master = newMaster({
    config,
    queues,
    log,
    addon,
    channels,
    applications,
    operations,
    allReady: () => (routed === undefined ? operations.allReady() : routed.workersReady()),
  });
  const workers = alone ? undefined : master;
  const { allReady, isHeir } = operations;
  const routed =
    routers && new RoutedServer({ config, routers, workers, logger, isHeir, allReady });
  const server = routed ?? master;
  const command = (order: MasterCommand, reason: string): void => operations.command(order, reason);
  const services = new Services({
    config,
    master,
    routers,
    server: phaseOf(server, master, operations.readiness),
    queues,
    channels,
    applications,
    log,
    stats,
    addon,
    stop: (reason) => command('stop-gracefully', reason),
    command,
  });
  const health = wellBeing(alone ? (routers?.slots ?? []) : master.slots);
  // Signals are heard before anything says that the server is there.
  operations.start({ server, services, sockets, channels, applications, stats, ...health });
  hooks.begun();
  services.start();
  const stopReaping = reapAsProcessOne(server, services, addon);
  const exitCode = await superviseUntilStopped(server, services, operations);
  applications?.stop();
  stopReaping();
  return exitCode;
}

/** The loggers too, as soon as privileges are dropped. */
async function openServer(
  config: Config,
  hooks: StartHooks,
  origin: StartOrigin,
  log: LogKeeper,
  addon: NativeAddon,
  heir: Heir | undefined,
): Promise<{ readonly stats: StatsServer | undefined; readonly sockets: ServerSockets }> {
  const bound = (): void => {
    hooks.bound();
    log.openLoggers();
  };
  let stats: StatsServer | undefined;
  try {
    stats = await openStats(config, origin, log, addon, heir);
    const own = { ...hooks, bound };
    const sockets = await openServerSockets(config, own, log, addon, origin.inheritance);
    return { stats, sockets };
  } catch (error) {
    stats?.close();
    log.stop();
    throw error;
  }
}

/** With `heir`, answered from the moment that the running server lets go. */
function openStats(
  config: Config,
  { inheritance }: StartOrigin,
  { logger }: LogKeeper,
  addon: NativeAddon,
  heir: Heir | undefined,
): Promise<StatsServer | undefined> {
  const left = heir && { kept: inheritance?.stats ?? [], takenOver: heir.takenOver };
  return StatsServer.open(config, socketAccess(config, addon), logger, left);
}

/** `left`: of the server whose place this one takes. */
function openChannels(
  { processes }: Config,
  addon: NativeAddon,
  left: Inheritance | undefined,
): HandOverChannels {
  return makeHandOverChannels(processes, addon, left?.workerChannels);
}

/** `left`: of the server whose place this one takes. */
function openApplications(
  config: Config,
  addon: NativeAddon,
  { logger }: LogKeeper,
  left: Inheritance | undefined,
  master: () => Pick<Master, 'readyWorkers' | 'childPids'>,
  operations: Operations,
): ApplicationDesk {
  const command = (order: 'stop' | 'reload', reason: string): void =>
    operations.command(order === 'stop' ? 'stop-gracefully' : order, reason);
  const options = {
    logger,
    readyWorkers: () => master().readyWorkers(),
    ownPids: () => master().childPids(),
    command,
  };
  return openApplicationDesk(config, addon, options, left?.applicationMemory);
}

interface MasterParts {
  readonly config: LiveConfig;
  readonly queues: BoundQueues;
  readonly log: LogKeeper;
  readonly addon: NativeAddon;
  readonly channels: HandOverChannels | undefined;
  readonly applications: ApplicationDesk | undefined;
  readonly operations: Operations;
  readonly allReady: () => void;
}

/** Where routers run alone it has no workers. */
function newMaster(parts: MasterParts): Master {
  const { config, queues, log, addon, channels, applications, operations, allReady } = parts;
  const { logger, relay } = log;
  const alone = isPureRouter(config);
  const master: Master = new Master({
    config: alone ? { ...config, processes: 0 } : config,
    queues,
    logger,
    spawn: processSpawner({
      entry: WORKER_ENTRY,
      directory: process.cwd(),
      nodeArgs: withInspector(workerNodeArgs(process.execArgv), config.harakiriStack > 0),
      relay,
    }),
    scoreboard: alone ? undefined : new Scoreboard(config.processes, config.threads, addon),
    handOver: channels,
    lackOfMemory: () => lackOfMemoryBeside(master.readyWorkers().map(({ pid }) => pid)),
    applications,
    requestLog: relay?.separatesRequests === true,
    reloading: () => {
      operations.reloading();
      if (config.logReopen) log.reopen('log-reopen');
    },
    reloaded: (failure) => operations.reloaded(failure),
    oomKills: countOomKills,
    random: Math.random,
    allReady,
  });
  return master;
}

/** Returns what ends it. */
function reapAsProcessOne(
  server: Pick<Master, 'childPids'>,
  services: Pick<Services, 'pids'>,
  addon: Pick<NativeAddon, 'reapChild'>,
): () => void {
  if (process.pid !== 1) return () => undefined;
  const own = (): Set<number> => new Set([...server.childPids(), ...services.pids()]);
  return reapOrphans(own, (pid) => addon.reapChild(pid));
}

/** A stop that is announced counts as one for whoever asks, also while the server goes on for a while. */
function phaseOf(
  server: Pick<Phased, 'stopping'>,
  master: Pick<Master, 'paused'>,
  readiness: Readiness,
): Phased {
  return {
    get stopping() {
      return server.stopping || readiness.stopping !== undefined;
    },
    get stopReason() {
      return readiness.stopping;
    },
    get paused() {
      return master.paused;
    },
    get started() {
      return readiness.started;
    },
  };
}

type Server = Pick<Master, 'start' | 'internalError' | 'finished'>;

/** Signals are heard to the end: one that comes while daemons end must not leave them alone. */
async function superviseUntilStopped(
  server: Server,
  services: Pick<Services, 'stop'>,
  operations: Pick<Operations, 'stop'>,
): Promise<number> {
  const onError = (error: unknown): void => server.internalError(error);
  process.on('uncaughtException', onError);
  try {
    server.start();
    const exitCode = await server.finished;
    await services.stop();
    return exitCode;
  } finally {
    process.off('uncaughtException', onError);
    operations.stop();
  }
}
