import { queuesForSlot } from '../binding/bound-queues.js';
import { loadAddon } from '../binding/load.js';
import type { Config } from '../config/config.js';
import { AppLoadError } from '../errors.js';
import { ExitCode } from '../ipc/exit-codes.js';
import { directLogger } from '../log/config-logger.js';
import type { Logger } from '../log/logger.js';
import { logAllReady } from '../log/startup-facts.js';
import { standardError } from '../startup/log-output.js';
import { openSockets } from '../startup/open-sockets.js';
import type { StartHooks } from '../util/start-hooks.js';
import { drainWithin, mercyOf } from './drain-within.js';
import { watchEarlyExit } from './early-exit.js';
import { watchFaults } from './faults.js';
import { loadFields } from './loading/load-failure.js';
import { Worker } from './worker.js';

/**
 * Runs one worker in this process, without a master, until a signal stops it; resolves with the
 * exit code. SIGTERM and SIGINT drain (a second SIGINT does not wait), SIGQUIT stops at once,
 * SIGHUP is refused. Rejects with ListenError when an address cannot be bound.
 */
export async function runStandalone(config: Config, hooks: StartHooks): Promise<number> {
  const logger = directLogger(config, standardError());
  const bound = await openSockets(
    config,
    { master: false, processes: 1 },
    hooks,
    logger,
    loadAddon(),
  );
  const worker = new Worker({
    config,
    workerId: 1,
    queues: queuesForSlot(bound.queues, 0),
    listeners: bound.listeners,
    logger,
    // New clients are refused then, instead of waiting for nobody.
    queuesLeft: () => bound.close(),
  });
  // Nobody would start another worker: the server goes on, as a Python server does after an
  // exception in a thread.
  watchFaults(logger, () => undefined);
  const stopped = new Promise<void>((resolve) => {
    const moments = { draining: () => void bound.removeFiles(), stopped: resolve };
    listenToSignals(worker, config, logger, moments);
  });
  const loaded = watchEarlyExit(logger);
  try {
    // An application that never gets ready must not keep the process from stopping.
    const serves = await Promise.race([worker.start().then(() => true), stopped.then(() => false)]);
    loaded();
    if (serves) {
      hooks.ready();
      logAllReady(logger, 1);
      await stopped;
    }
    return ExitCode.OK;
  } catch (error) {
    loaded();
    if (!(error instanceof AppLoadError)) throw error;
    logger.error(error.message, loadFields(error));
    return error.exitCode ?? ExitCode.FAILED;
  } finally {
    bound.close();
  }
}

interface Moments {
  /** What waits in the queues is still taken: nobody should join it. */
  readonly draining: () => void;
  readonly stopped: () => void;
}

function listenToSignals(
  worker: Worker,
  config: Config,
  logger: Logger,
  { draining: beginDrain, stopped }: Moments,
): void {
  let draining = false;
  const stopNow = (reason: string): void => {
    logger.info(`stopping at once: ${reason}`, { reason });
    worker.stop();
    stopped();
  };
  const drain = (signal: NodeJS.Signals): void => {
    if (draining) {
      if (signal === 'SIGINT') stopNow('second SIGINT');
      return;
    }
    draining = true;
    logger.info(`${signal}: finishing what runs, at most ${config.workerReloadMercy} seconds`, {
      reason: signal,
    });
    beginDrain();
    void drainWithin(worker, mercyOf(config.workerReloadMercy), stopNow).then(() => {
      logger.info('goodbye to tsuwsgi-native');
      stopped();
    });
  };
  process.on('SIGTERM', drain);
  process.on('SIGINT', drain);
  process.on('SIGQUIT', () => stopNow('SIGQUIT'));
  process.on('SIGHUP', () =>
    logger.warn('SIGHUP: nothing to reload without a master; new code comes by a restart', {
      reason: 'no-master',
    }),
  );
}
