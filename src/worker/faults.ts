/**
 * What happens to errors that no request can be blamed for: the application's timers, event
 * listeners and forgotten promises.
 *
 * A rejected promise nobody handles is a record and no more: the state of the process is sound. An
 * exception that nobody caught has left some callback half-way, so `onException` decides; Node
 * itself would end the process. An application that has its own listener for either event keeps the
 * decision.
 */
import { inspect } from 'node:util';
import type { Logger } from '../log/logger.js';
import { headline } from './gateway/failure-words.js';

export function watchFaults(logger: Logger, onException: (error: unknown) => void): void {
  process.on('unhandledRejection', (reason) => {
    if (process.listenerCount('unhandledRejection') > 1) return;
    logger.error(`unhandled promise rejection: ${headline(reason)}`, {
      reason: 'unhandled-rejection',
      stack: inspect(reason, { depth: 2 }),
    });
  });
  process.on('uncaughtException', (error) => {
    if (process.listenerCount('uncaughtException') > 1) return;
    logger.error(`uncaught exception: ${headline(error)}`, {
      reason: 'uncaught-exception',
      stack: inspect(error, { depth: 2 }),
    });
    onException(error);
  });
}
