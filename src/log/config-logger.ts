import type { Config } from '../config/config.js';
import { createLogger, type Logger } from './logger.js';

/** Everything the server says goes to standard error, as uWSGI does. */
const STANDARD_ERROR = 2;

export type LoggerConfig = Pick<Config, 'logFormat' | 'logDate'>;

/** The logger that a configuration asks for. */
export function loggerFor(config: LoggerConfig, write?: (line: string) => void): Logger {
  return createLogger({
    format: config.logFormat === 'json' ? 'json' : 'text',
    fd: STANDARD_ERROR,
    ...(config.logDate === undefined ? {} : { date: config.logDate }),
    ...(write === undefined ? {} : { write }),
  });
}
