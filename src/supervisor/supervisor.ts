import { fileURLToPath } from 'node:url';
import { bindQueues, type BoundQueues } from '../binding/listeners.js';
import { queueLimitWarning } from '../binding/listen-queue.js';
import { loadAddon } from '../binding/load.js';
import type { Config } from '../config/config.js';
import { createLogger, type Logger } from '../log/logger.js';
import { logStartFacts } from '../log/startup-facts.js';
import type { StartHooks } from '../util/start-hooks.js';
import { readVersion } from '../util/version.js';
import { countOomKills } from './oom-kills.js';
import { reapOrphans } from './orphans.js';
import { onSignals } from './signals.js';
import { processSpawner, workerNodeArgs } from './spawn.js';
import { Master } from './master.js';

/** A path, not an import: the master never loads what a worker loads. */
const WORKER_ENTRY = fileURLToPath(new URL('../worker/main.js', import.meta.url));

/** Everything the server says goes to standard error, as uWSGI does. */
const LOG_FD = 2;

function logStart(logger: Logger, config: Config, bound: BoundQueues): void {
  logStartFacts(logger, {
    version: readVersion(),
    master: true,
    processes: config.processes,
    threads: config.threads,
    backlog: config.listen,
    mercySeconds: config.workerReloadMercy,
    sockets: bound.listeners.map((listener, index) => ({
      ...listener,
      fds: bound.queues.filter((queue) => queue.listener === index).map(({ fd }) => fd),
    })),
  });
  const warning = queueLimitWarning(config.listen);
  if (warning !== undefined) logger.warn(warning);
}

/**
 * Runs the master until it has stopped and returns the exit code (docs/signals.md). Throws ListenError when an
 * address cannot be bound.
 */
export async function runSupervisor(config: Config, hooks: StartHooks): Promise<number> {
  const logger = createLogger({
    format: config.logFormat === 'json' ? 'json' : 'text',
    fd: LOG_FD,
  });
  const addon = loadAddon();
  const queues = await bindQueues(
    {
      addresses: config.httpSocket,
      slots: config.processes,
      loopsPerSlot: config.threads,
      backlog: config.listen,
    },
    addon,
  );
  logStart(logger, config, queues);
  hooks.bound();
  const master = new Master({
    config,
    queues,
    logger,
    spawn: processSpawner({
      entry: WORKER_ENTRY,
      directory: process.cwd(),
      nodeArgs: workerNodeArgs(process.execArgv),
    }),
    oomKills: countOomKills,
    random: Math.random,
    allReady: hooks.ready,
  });
  const stopReaping =
    process.pid === 1
      ? reapOrphans(
          () => master.childPids(),
          (pid) => addon.reapChild(pid),
        )
      : undefined;
  const exitCode = await superviseUntilStopped(master);
  stopReaping?.();
  return exitCode;
}

async function superviseUntilStopped(master: Master): Promise<number> {
  const ignoreSignals = onSignals((row) => master.onSignal(row));
  const onError = (error: unknown): void => master.internalError(error);
  process.on('uncaughtException', onError);
  try {
    master.start();
    return await master.finished;
  } finally {
    process.off('uncaughtException', onError);
    ignoreSignals();
  }
}
