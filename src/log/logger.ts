import { strftime } from '../util/strftime.js';

/**
 * Lifecycle records of master and worker. Request lines are not written here: the native core writes those.
 *
 * `text` is for people, in uWSGI's manner: start-up facts are plain lines, everything that happens later carries
 * the local time in front. Only the message is printed, and `stack` below it, so a message says all a person needs.
 * `json` is for machines: one object a line, with every field.
 */
export type LogFormat = 'text' | 'json';
export type LogLevel = 'info' | 'warn' | 'error';

/** Where something is ended or refused, `reason` says why; `stack` is printed below the message in text. */
export interface LogFields {
  readonly reason?: string;
  readonly stack?: string;
  readonly [name: string]: unknown;
}

/**
 * Takes a record. `time`: milliseconds since the epoch, where it was made in another thread and comes late; else it is
 * the time of the call.
 */
export type LogWriter = (message: string, fields?: LogFields, time?: number) => void;

export interface Logger {
  /** A start-up fact: a text line without time, an `info` record in JSON. */
  readonly fact: LogWriter;
  readonly info: LogWriter;
  readonly warn: LogWriter;
  readonly error: LogWriter;
}

export interface LoggerOptions {
  readonly format: LogFormat;
  /** Takes whole records. */
  readonly write: (lines: string) => void;
  /**
   * Puts the date in front of every text line, start-up facts too: a format of strftime(3), or a word for true, which
   * means as ctime(3) prints it.
   */
  readonly date?: string;
  /** Milliseconds since the epoch; only tests set it. */
  readonly now?: () => number;
}

/** Names that a record defines itself: a field of that name is written with a `_` behind it. */
const RESERVED = new Set(['time', 'level', 'pid', 'msg']);

/** Local time as ctime(3) prints it, which is what uWSGI puts in front of its lines. */
export function ctime(time: Date): string {
  return strftime('%c', time);
}

/** A stack belongs to its message, so each of its lines is indented: a log reader can tell records apart. */
function stackLines(stack: string): string {
  return `\n    ${stack.trimEnd().replaceAll('\n', '\n    ')}`;
}

function textLine(prefix: string, message: string, fields: LogFields | undefined): string {
  const stack = fields?.stack ? stackLines(fields.stack) : '';
  return `${prefix}${message}${stack}\n`;
}

/** Errors and big integers have no JSON form of their own; losing a record over them would be worse. */
function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return value.stack ?? value.message;
  return value;
}

export function jsonLine(
  level: LogLevel,
  message: string,
  fields: LogFields | undefined,
  time: Date,
): string {
  const record: Record<string, unknown> = {
    time: time.toISOString(),
    level,
    pid: process.pid,
    msg: message,
  };
  for (const [name, value] of Object.entries(fields ?? {})) {
    record[RESERVED.has(name) ? `${name}_` : name] = value;
  }
  return `${JSON.stringify(record, jsonValue)}\n`;
}

/** The text in front of a line, or none for a start-up fact without `--log-date`. */
function datePrefix(time: Date, fact: boolean, date: string | undefined): string {
  if (date === undefined) return fact ? '' : `${ctime(time)} - `;
  const plain = /^(true|on|yes|1)$/i.test(date);
  return `${plain ? ctime(time) : strftime(date, time)} - `;
}

export function createLogger(options: LoggerOptions): Logger {
  const put = options.write;
  const now = options.now ?? Date.now;
  const writer =
    (level: LogLevel, fact = false): LogWriter =>
    (message, fields, at) => {
      const time = new Date(at ?? now());
      if (options.format === 'json') put(jsonLine(level, message, fields, time));
      else put(textLine(datePrefix(time, fact, options.date), message, fields));
    };
  return {
    fact: writer('info', true),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
  };
}
