/** When a cron entry is due: uWSGI's five numbers, and the five fields of crontab(5). Local time, to the minute. */

/** One field: whether a value of it is meant. `any`: all are. */
interface Field {
  readonly any: boolean;
  matches(value: number): boolean;
}

export interface CronTime {
  readonly minute: Field;
  readonly hour: Field;
  readonly day: Field;
  readonly month: Field;
  readonly weekday: Field;
}

/** uWSGI's numbers: -1 is every one, -N every one that N divides. Weekdays: 0 and 7 are Sunday. */
export interface CronNumbers {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  readonly weekday: number;
}

interface FieldRule {
  readonly name: keyof CronTime;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const WEEKDAYS = 'sun mon tue wed thu fri sat'.split(' ');

const FIELDS: readonly FieldRule[] = [
  { name: 'minute', min: 0, max: 59, names: [] },
  { name: 'hour', min: 0, max: 23, names: [] },
  { name: 'day', min: 1, max: 31, names: [] },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  { name: 'weekday', min: 0, max: 7, names: WEEKDAYS },
];

const SHORTHANDS: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/** Whether the minute that `time` is in is meant. As in cron, one of day and weekday is enough where both are given. */
export function isDue({ minute, hour, day, month, weekday }: CronTime, time: Date): boolean {
  if (!minute.matches(time.getMinutes()) || !hour.matches(time.getHours())) return false;
  if (!month.matches(time.getMonth() + 1)) return false;
  const onDay = day.matches(time.getDate());
  const onWeekday = weekday.matches(time.getDay());
  return day.any || weekday.any ? onDay && onWeekday : onDay || onWeekday;
}

/** Throws RangeError where a number is no value of its field. */
export function cronOfNumbers(numbers: CronNumbers): CronTime {
  const fields = FIELDS.map((rule) => fieldOfNumber(rule, numbers[rule.name]));
  return fromFields(fields);
}

/** Five fields of crontab(5): lists, ranges, steps, names of months and days, `@hourly`. Throws RangeError. */
export function cronOfText(text: string): CronTime {
  const written = text.trim().toLowerCase();
  const parts = (SHORTHANDS[written] ?? written).split(/\s+/);
  if (parts.length !== FIELDS.length) {
    throw new RangeError(
      `cron time "${text}" needs five fields (minute hour day month weekday), or one of ${Object.keys(SHORTHANDS).join(' ')}`,
    );
  }
  return fromFields(FIELDS.map((rule, at) => fieldOfText(rule, parts[at] ?? '')));
}

function fromFields(fields: readonly Field[]): CronTime {
  const [minute, hour, day, month, weekday] = fields;
  if (!minute || !hour || !day || !month || !weekday) throw new RangeError('five fields');
  return { minute, hour, day, month, weekday };
}

const EVERY: Field = { any: true, matches: () => true };

function fieldOfNumber(rule: FieldRule, value: number): Field {
  if (value === -1) return EVERY;
  const step = -value;
  if (Number.isInteger(value) && value < -1 && step <= rule.max)
    return { any: false, matches: (given) => given % step === 0 };
  if (!Number.isInteger(value) || value < rule.min || value > rule.max) {
    throw new RangeError(
      `cron ${rule.name} ${value} is none of ${rule.min} to ${rule.max}, -1 (every) and -N (every Nth)`,
    );
  }
  return { any: false, matches: (given) => given === value || isSunday(rule, value, given) };
}

/** Sunday is 0 and 7. */
function isSunday(rule: FieldRule, value: number, given: number): boolean {
  return rule.name === 'weekday' && value === 7 && given === 0;
}

function fieldOfText(rule: FieldRule, text: string): Field {
  if (text === '*') return EVERY;
  const meant = new Set<number>();
  for (const item of text.split(',')) for (const value of valuesOf(rule, item)) meant.add(value);
  if (rule.name === 'weekday' && meant.has(7)) meant.add(0);
  // As in cron: what begins with a star does not take part in the choice between day and weekday.
  return { any: text.startsWith('*'), matches: (value) => meant.has(value) };
}

function valuesOf(rule: FieldRule, item: string): number[] {
  const match = /^(\*|[^/-]+)(?:-([^/]+))?(?:\/(\d+))?$/.exec(item);
  const [, first = '', last, step] = match ?? [];
  if (match === null || (first === '*' && last !== undefined)) throw wrong(rule, item);
  const from = first === '*' ? rule.min : valueOf(rule, first, item);
  const single = last === undefined && step === undefined && first !== '*';
  const to = last !== undefined ? valueOf(rule, last, item) : single ? from : top(rule);
  const by = Number(step ?? 1);
  if (by === 0 || from > to) throw wrong(rule, item);
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, at) => from + at * by);
}

/** 7 is a second name of Sunday, not an eighth day. */
function top(rule: FieldRule): number {
  return rule.name === 'weekday' ? 6 : rule.max;
}

function valueOf(rule: FieldRule, text: string, item: string): number {
  const named = rule.names.indexOf(text);
  if (named >= 0) return named + (rule.name === 'month' ? 1 : 0);
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= rule.min && value <= rule.max)) throw wrong(rule, item);
  return value;
}

function wrong(rule: FieldRule, item: string): RangeError {
  return new RangeError(
    `cron ${rule.name} "${item}" is not understood: ${rule.min} to ${rule.max}`,
  );
}
