import { queuesForSlot } from '../binding/bound-queues.js';
import { loadAddon } from '../binding/load.js';
import type { Config } from '../config/config.js';
import { AppLoadError } from '../errors.js';
import { ExitCode } from '../ipc/exit-codes.js';
import { directLogger } from '../log/config-logger.js';
import { logAllReady } from '../log/startup-facts.js';
import { standardError } from '../startup/log-output.js';
import { openSockets } from '../startup/open-sockets.js';
import type { StartHooks } from '../util/start-hooks.js';
import { watchEarlyExit } from './early-exit.js';
import { watchFaults } from './faults.js';
import { loadFields } from './loading/load-failure.js';
import { listenToSignals } from './lone-signals.js';
import { Worker } from './worker.js';

/**
 * Runs one worker in this process, without a master, until a signal stops it (`listenToSignals`); resolves with the exit
 * code. Rejects with ListenError when an address cannot be bound.
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
    const draining = () => void bound.removeFiles();
    listenToSignals({ worker, config, logger, logFile: hooks.logFile, draining, stopped: resolve });
  });
  hooks.begun();
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
