/** What is due when: entries with a period or a cron time, each under a key, and one call for each time one is due. */
import { cronOfNumbers, cronOfText, isDue, type CronNumbers, type CronTime } from './cron-time.js';

/** `times`: how often; for ever without it. Plain data: it crosses process boundaries. */
export type Trigger =
  | { readonly type: 'every'; readonly ms: number; readonly times?: number }
  | { readonly type: 'cron'; readonly time: CronNumbers | string };

export interface TimetableOptions {
  readonly due: (key: string) => void;
  /** Timers do not keep the process alive. */
  readonly idle: boolean;
}

interface Entry {
  readonly trigger: Trigger;
  readonly stop: () => void;
}

const MINUTE_MS = 60_000;
/** setTimeout's longest. */
const LONGEST_MS = 2 ** 31 - 1;

/** Throws RangeError where the trigger makes no sense. */
export function checkTrigger(trigger: Trigger): void {
  if (trigger.type === 'cron') {
    cronTime(trigger.time);
    return;
  }
  if (!(trigger.ms >= 1) || trigger.ms > LONGEST_MS)
    throw new RangeError(`a period of ${trigger.ms / 1000} s is not between 0.001 and 2147483`);
}

/** In words, the same for the same trigger: it is part of names. */
export function describeTrigger(trigger: Trigger): string {
  if (trigger.type === 'every') {
    const often = trigger.times === undefined ? '' : `, ${trigger.times} times`;
    return `every ${trigger.ms / 1000} s${often}`;
  }
  const { time } = trigger;
  if (typeof time === 'string') return `cron ${time.trim()}`;
  return `cron ${[time.minute, time.hour, time.day, time.month, time.weekday].join(' ')}`;
}

function cronTime(time: CronNumbers | string): CronTime {
  return typeof time === 'string' ? cronOfText(time) : cronOfNumbers(time);
}

export class Timetable {
  readonly #options: TimetableOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: TimetableOptions) {
    this.#options = options;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  keys(): string[] {
    return [...this.#entries.keys()];
  }

  /** A key that is there keeps its entry, and its phase. */
  add(key: string, trigger: Trigger): void {
    if (this.#entries.has(key)) return;
    const stop =
      trigger.type === 'every'
        ? this.#every(key, trigger)
        : this.#cron(key, cronTime(trigger.time));
    this.#entries.set(key, { trigger, stop });
  }

  remove(key: string): void {
    this.#entries.get(key)?.stop();
    this.#entries.delete(key);
  }

  clear(): void {
    for (const key of this.keys()) this.remove(key);
  }

  /** An entry that has been due often enough stays known, so that it does not begin anew where it is added again. */
  #every(key: string, { ms, times = Infinity }: Extract<Trigger, { type: 'every' }>): () => void {
    let left = times;
    const timer = setInterval(() => {
      if (left <= 0) return;
      left -= 1;
      if (left === 0) clearInterval(timer);
      this.#options.due(key);
    }, ms);
    if (this.#options.idle) timer.unref();
    return () => clearInterval(timer);
  }

  /** Looks at the beginning of every minute; a minute that the clock goes through twice counts twice. */
  #cron(key: string, time: CronTime): () => void {
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      timer = setTimeout(look, MINUTE_MS - (Date.now() % MINUTE_MS) + 5);
      if (this.#options.idle) timer.unref();
    };
    const look = (): void => {
      wait();
      if (isDue(time, new Date())) this.#options.due(key);
    };
    wait();
    return () => clearTimeout(timer);
  }
}
