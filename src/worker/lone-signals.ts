/** What signals mean to a server without a master. docs/signals.md has the words (master-commands.ts, `alone`). */
import type { Config } from '../config/config.js';
import type { Logger } from '../log/logger.js';
import { drainWithin, mercyOf } from './drain-within.js';
import { reopenOutput } from './reopen-output.js';
import type { Worker } from './worker.js';

export interface LoneServer {
  readonly worker: Pick<Worker, 'stop' | 'drain'>;
  readonly config: Config;
  readonly logger: Logger;
  /** Where standard error goes, if that is a file of ours. */
  readonly logFile: string | undefined;
  /** What waits in the queues is still taken: nobody should join it. */
  readonly draining: () => void;
  readonly stopped: () => void;
}

/** SIGTSTP and SIGWINCH are left to the system: there is nobody else whom a suspended process could leave its clients to. */
export function listenToSignals(server: LoneServer): void {
  const { logger } = server;
  listenForStop(server);
  for (const [signal, why] of [
    ['SIGHUP', 'nothing to reload without a master; new code comes by a restart'],
    ['SIGUSR2', 'no upgrade without a master; a new version comes by a restart'],
  ] as const) {
    process.on(signal, () => logger.warn(`${signal}: ${why}`, { reason: 'no-master' }));
  }
  // Without a listener Node would open its debugger to everybody on this machine.
  process.on('SIGUSR1', () => reopen(server));
  process.on('SIGALRM', () => undefined);
}

function listenForStop({ worker, config, logger, draining, stopped }: LoneServer): void {
  let drains = false;
  const stopNow = (reason: string): void => {
    logger.info(`stopping at once: ${reason}`, { reason });
    worker.stop();
    stopped();
  };
  const drain = (signal: NodeJS.Signals): void => {
    if (drains) {
      if (signal === 'SIGINT') stopNow('second SIGINT');
      return;
    }
    drains = true;
    logger.info(`${signal}: finishing what runs, at most ${config.workerReloadMercy} seconds`, {
      reason: signal,
    });
    draining();
    void drainWithin(worker, mercyOf(config.workerReloadMercy), stopNow).then(() => {
      logger.info('goodbye to tsuwsgi-native');
      stopped();
    });
  };
  process.on('SIGTERM', drain);
  process.on('SIGINT', drain);
  process.on('SIGQUIT', () => stopNow('SIGQUIT'));
}

function reopen({ config, logger, logFile }: LoneServer): void {
  if (logFile === undefined) {
    logger.info('SIGUSR1: there is no log file to open anew');
    return;
  }
  logger.info('SIGUSR1: opening log files anew', { event: 'log-reopen', reason: 'SIGUSR1' });
  reopenOutput(logFile, config, logger);
}
