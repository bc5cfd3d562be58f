import type { Config } from '../config/config.js';
import type { LineOutput } from './line-output.js';
import { LineSink, type DropNotice } from './line-sink.js';
import { createLogger, jsonLine, type Logger } from './logger.js';

export type LoggerConfig = Pick<Config, 'logFormat' | 'logDate'>;

/** The logger that a configuration asks for. `write` takes whole records. */
export function loggerFor(config: LoggerConfig, write: (lines: string) => void): Logger {
  return createLogger({
    format: config.logFormat === 'json' ? 'json' : 'text',
    write,
    ...(config.logDate === undefined ? {} : { date: config.logDate }),
  });
}

/** The logger of a process that writes to a descriptor itself: everything it says goes to standard error, as uWSGI does. */
export function directLogger(config: LoggerConfig, output: LineOutput): Logger {
  const sink = new LineSink(output, dropNotice(config));
  return loggerFor(config, (lines) => void sink.write(lines));
}

/** What stands where lines are missing, in the form that the others have. */
export function dropNotice({ logFormat }: Pick<LoggerConfig, 'logFormat'>): DropNotice | undefined {
  if (logFormat !== 'json') return undefined;
  return (dropped) =>
    jsonLine('warn', 'log lines were dropped here', { event: 'log-gap', dropped }, new Date());
}
