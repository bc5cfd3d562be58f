/**
 * What happened to workers and server of late, and why: the records that carry an event's name, as the log has them.
 * Kept in the master, bounded, so that whoever looks at the statistics sees reasons without reading the log.
 */
import type { LogFields, Logger, LogLevel, LogWriter } from '../../log/logger.js';

export interface HistoryEvent {
  /** Counts from 1, without gaps: a reader knows what it has seen. */
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly level: LogLevel;
  /** The name in the record's field `event`, such as `worker-recycling`. */
  readonly event: string;
  readonly worker: number | undefined;
  readonly pid: number | undefined;
  readonly reason: string | undefined;
  /** The whole line of the log. */
  readonly message: string;
}

const KEPT = 100;

export class EventHistory {
  readonly #kept: number;
  readonly #now: () => number;
  readonly #events: HistoryEvent[] = [];
  readonly #counts = new Map<string, number>();
  #number = 0;

  /** `now`: milliseconds since the epoch. */
  constructor(kept: number = KEPT, now: () => number = Date.now) {
    this.#kept = kept;
    this.#now = now;
  }

  /** The oldest first. */
  get events(): readonly HistoryEvent[] {
    return this.#events;
  }

  /** How often each event has happened since the server's start, also those that are not kept any more. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  record(level: LogLevel, message: string, fields: LogFields): void {
    const { event, worker, workerPid, reason } = fields;
    if (typeof event !== 'string') return;
    this.#number += 1;
    this.#counts.set(event, (this.#counts.get(event) ?? 0) + 1);
    this.#events.push({
      number: this.#number,
      time: this.#now(),
      level,
      event,
      worker: typeof worker === 'number' ? worker : undefined,
      pid: typeof workerPid === 'number' ? workerPid : undefined,
      reason,
      message,
    });
    if (this.#events.length > this.#kept) this.#events.shift();
  }
}

/** A logger that writes to `logger` and keeps in `history` what carries an event's name. */
export function recordedIn(history: EventHistory, logger: Logger): Logger {
  const both =
    (level: LogLevel, write: LogWriter): LogWriter =>
    (message, fields, time) => {
      if (fields !== undefined) history.record(level, message, fields);
      write(message, fields, time);
    };
  return {
    fact: both('info', logger.fact),
    info: both('info', logger.info),
    warn: both('warn', logger.warn),
    error: both('error', logger.error),
  };
}
