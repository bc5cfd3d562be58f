/** Times in the forms of strftime(3), English, local time: what `--log-date` takes. */

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const two = (value: number, filler = '0'): string => String(value).padStart(2, filler);
const twelve = (hours: number): number => (hours % 12 === 0 ? 12 : hours % 12);

function zone(time: Date): string {
  const minutes = -time.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`;
}

function dayOfYear(time: Date): number {
  const day = Date.UTC(time.getFullYear(), time.getMonth(), time.getDate());
  return (day - Date.UTC(time.getFullYear(), 0, 0)) / 86_400_000;
}

const CONVERSIONS: Readonly<Record<string, (time: Date) => string>> = {
  a: (time) => (DAYS[time.getDay()] ?? '').slice(0, 3),
  A: (time) => DAYS[time.getDay()] ?? '',
  b: (time) => (MONTHS[time.getMonth()] ?? '').slice(0, 3),
  B: (time) => MONTHS[time.getMonth()] ?? '',
  c: (time) => strftime('%a %b %e %H:%M:%S %Y', time),
  d: (time) => two(time.getDate()),
  D: (time) => strftime('%m/%d/%y', time),
  e: (time) => two(time.getDate(), ' '),
  F: (time) => strftime('%Y-%m-%d', time),
  h: (time) => strftime('%b', time),
  H: (time) => two(time.getHours()),
  I: (time) => two(twelve(time.getHours())),
  j: (time) => String(dayOfYear(time)).padStart(3, '0'),
  k: (time) => two(time.getHours(), ' '),
  l: (time) => two(twelve(time.getHours()), ' '),
  m: (time) => two(time.getMonth() + 1),
  M: (time) => two(time.getMinutes()),
  n: () => '\n',
  p: (time) => (time.getHours() < 12 ? 'AM' : 'PM'),
  r: (time) => strftime('%I:%M:%S %p', time),
  R: (time) => strftime('%H:%M', time),
  s: (time) => String(Math.floor(time.getTime() / 1000)),
  S: (time) => two(time.getSeconds()),
  t: () => '\t',
  T: (time) => strftime('%H:%M:%S', time),
  u: (time) => String(time.getDay() === 0 ? 7 : time.getDay()),
  w: (time) => String(time.getDay()),
  x: (time) => strftime('%m/%d/%y', time),
  X: (time) => strftime('%H:%M:%S', time),
  y: (time) => two(time.getFullYear() % 100),
  Y: (time) => String(time.getFullYear()),
  z: zone,
  Z: (time) => /\(([A-Z]{2,5})\)$/.exec(time.toString())?.[1] ?? zone(time),
  '%': () => '%',
};

/** Conversions that do not exist stay as they are. */
export function strftime(format: string, time: Date): string {
  return format.replace(/%(.)/gs, (all, letter: string) => CONVERSIONS[letter]?.(time) ?? all);
}
