/** `--cron`, `--unique-cron` and `--cron2`: commands that the master runs at their times. */
import { cronOfNumbers, cronOfText, type CronNumbers } from '../util/cron-time.js';
import type { Config } from './config.js';
import { invalid, valid, type Parsed } from './parsed.js';

export interface CronSetting {
  readonly time: CronNumbers | string;
  readonly command: string;
  /** Not while the command of the last time still runs. */
  readonly unique: boolean;
  /** The command is killed then; 0: never. */
  readonly limitSeconds: number;
}

const EVERY: CronNumbers = { minute: -1, hour: -1, day: -1, month: -1, weekday: -1 };

/** Only for a configuration that `validate` has seen. */
export function cronSettings(config: Pick<Config, 'cron' | 'cron2' | 'uniqueCron'>): CronSetting[] {
  return [
    ...config.cron.map((text) => parseCron(text, false)),
    ...config.uniqueCron.map((text) => parseCron(text, true)),
    ...config.cron2.map(parseCron2),
  ].flatMap((parsed) => (parsed.ok ? [parsed.value] : []));
}

/** `-5 -1 -1 -1 -1 command`, or the five fields of crontab(5). */
export function parseCron(text: string, unique: boolean): Parsed<CronSetting> {
  const match = /^\s*((?:\S+\s+){5})(\S.*)$/s.exec(text);
  const [, fields = '', command = ''] = match ?? [];
  if (match === null) return invalid('needs minute, hour, day, month, weekday and a command');
  return withTime(timeOf(fields.trim()), { command, unique, limitSeconds: 0 });
}

function timeOf(fields: string): CronNumbers | string {
  const numbers = fields.split(/\s+/).map(Number);
  const [minute = 0, hour = 0, day = 0, month = 0, weekday = 0] = numbers;
  return numbers.every(Number.isInteger) ? { minute, hour, day, month, weekday } : fields;
}

function withTime(
  time: CronNumbers | string,
  rest: Omit<CronSetting, 'time'>,
): Parsed<CronSetting> {
  try {
    if (typeof time === 'string') cronOfText(time);
    else cronOfNumbers(time);
  } catch (error) {
    return invalid(`: ${error instanceof Error ? error.message : String(error)}`);
  }
  return valid({ time, ...rest });
}

const FIELDS: Readonly<Record<string, keyof CronNumbers>> = {
  minute: 'minute',
  hour: 'hour',
  day: 'day',
  month: 'month',
  week: 'weekday',
};

/** `minute=30,hour=4,unique=1 command` */
export function parseCron2(text: string): Parsed<CronSetting> {
  const match = /^\s*(\S*=\S*)\s+(\S.*)$/s.exec(text);
  const [, pairs = '', command = ''] = match ?? [];
  if (match === null) return invalid('needs KEY=VALUE,… and a command');
  const time: Record<keyof CronNumbers, number> = { ...EVERY };
  let unique = false;
  let limitSeconds = 0;
  for (const pair of pairs.split(',')) {
    const [key = '', value = ''] = pair.split('=');
    const field = FIELDS[key];
    if (!/^-?\d+$/.test(value)) return invalid(`: ${pair} is no number`);
    if (field !== undefined) time[field] = Number(value);
    else if (key === 'unique') unique = value !== '0';
    else if (key === 'harakiri') limitSeconds = Math.max(0, Number(value));
    else
      return invalid(
        `: ${key}= is not implemented; there are minute, hour, day, month, week, unique, harakiri`,
      );
  }
  return withTime(time, { command, unique, limitSeconds });
}
