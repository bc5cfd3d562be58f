/** What `top` shows, as lines of text. Pure. */
import type { EventEntry, Figures, StatsDocument, WorkerFigures } from '../../page/figures.js';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatMicros,
  formatRate,
  formatShare,
} from '../../page/format.js';

export const SORT_KEYS = {
  i: 'worker',
  r: 'requests',
  l: 'latency',
  u: 'utilisation',
  m: 'memory',
} as const;
export type SortKey = keyof typeof SORT_KEYS;

export interface ScreenOptions {
  /** As the user wrote it. */
  readonly address: string;
  readonly columns: number;
  /** undefined: as many lines as there are. */
  readonly rows: number | undefined;
  readonly sort: SortKey;
  /** Marks with escape sequences of a terminal. */
  readonly styled: boolean;
}

/** An event loop that has not turned for so long is blocked. */
const BLOCKED_MICROS = 2_000_000;
const PLAIN_EVENTS = 10;
const FEWEST_EVENTS = 3;

export function screenLines(
  document: StatsDocument,
  figures: Figures,
  options: ScreenOptions,
): string[] {
  const style = styleFor(options.styled);
  const head = [...summary(document, figures, options, style), ''];
  const workers = [
    style.reverse(fit(HEADER, options.columns)),
    ...sorted(figures.workers, options.sort).map((worker) =>
      workerLine(worker, document.now, options.columns, style),
    ),
  ];
  const room =
    options.rows === undefined
      ? PLAIN_EVENTS
      : Math.max(FEWEST_EVENTS, options.rows - head.length - workers.length - 1);
  const events = document.events.slice(-room).reverse();
  const lines = [
    ...head,
    ...workers,
    '',
    ...events.map((event) => eventLine(event, options.columns, style)),
  ];
  return options.rows === undefined ? lines : lines.slice(0, options.rows);
}

interface Style {
  readonly bold: (text: string) => string;
  readonly reverse: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly faint: (text: string) => string;
}

function styleFor(styled: boolean): Style {
  const wrap =
    (code: number) =>
    (text: string): string =>
      styled ? `\u001B[${code}m${text}\u001B[0m` : text;
  return { bold: wrap(1), reverse: wrap(7), bad: wrap(31), faint: wrap(2) };
}

function summary(
  document: StatsDocument,
  figures: Figures,
  { address, columns, sort }: ScreenOptions,
  style: Style,
): string[] {
  const { workers, totals } = document;
  const busy = workers.filter(({ status }) => status === 'busy').length;
  const memory = workers.reduce((sum, { rss }) => sum + rss, 0);
  const uptime = formatDuration(document.now - document.started_at);
  const phase =
    document.phase === 'stopping' ? `stopping: ${document.stopping ?? ''}` : document.phase;
  const lines = [
    `tsuwsgi-native ${document.version} at ${address}: ${phase}, up ${uptime}, ${clock(document.now)}`,
    `requests ${formatRate(figures.requestsPerSecond)}/s (${formatCount(totals.requests)} in all), ` +
      `failed ${formatRate(figures.failuresPerSecond)}/s, sent ${formatBytes(figures.bytesPerSecond)}/s`,
    `latency p50 ${formatMicros(figures.latency?.p50)}, p90 ${formatMicros(figures.latency?.p90)}, ` +
      `p99 ${formatMicros(figures.latency?.p99)}${stages(figures)}`,
    `workers ${document.workers_ready} of ${document.workers_wanted} ready, ${busy} busy; ` +
      `accept queue ${document.listen_queue}; memory ${formatBytes(memory)}, master ${formatBytes(document.master_rss)}; ` +
      `sorted by ${SORT_KEYS[sort]}`,
  ];
  return lines.map((line, index) => {
    const text = fit(clean(line), columns);
    return index === 0 ? style.bold(text) : text;
  });
}

function stages({ stages: mean }: Figures): string {
  if (mean === undefined) return '';
  return (
    `; of a request: read ${formatMicros(mean.kernel)}, waits ${formatMicros(mean.waiting)}, ` +
    `JavaScript ${formatMicros(mean.javascript)}, sent ${formatMicros(mean.writing)}`
  );
}

const HEADER = line([
  ...['ID', 'PID', 'STATE', 'REQ/S', 'P50', 'P99', 'LOOP', 'FLIGHT', 'CLIENTS'],
  ...['RSS', 'AGE', 'STARTS', 'DOING'],
]);

function line(cells: readonly string[]): string {
  const widths = [3, 8, -9, 8, 8, 8, 6, 7, 8, 8, 11, 7];
  return cells
    .map((cell, index) => {
      const width = widths[index] ?? 0;
      return width < 0 ? ` ${cell.padEnd(-width)}` : cell.padStart(width);
    })
    .join(' ');
}

function workerLine(
  { entry, requestsPerSecond, latency }: WorkerFigures,
  now: number,
  columns: number,
  style: Style,
): string {
  const blocked = entry.state === 'ready' && entry.loop_silence > BLOCKED_MICROS;
  const state = blocked ? 'blocked' : entry.state === 'ready' ? entry.status : entry.state;
  const [first] = entry.requests_in_flight;
  const doing =
    first === undefined
      ? ''
      : `${first.method} ${first.uri} (${first.state}, ${formatMicros(first.age)})`;
  const text = line([
    ...[String(entry.id), entry.pid === 0 ? '–' : String(entry.pid), state],
    ...[formatRate(requestsPerSecond), formatMicros(latency?.p50), formatMicros(latency?.p99)],
    ...[formatShare(entry.loop_utilisation), String(entry.in_flight), String(entry.connections)],
    ...[formatBytes(entry.rss), entry.pid === 0 ? '–' : formatDuration(now - entry.last_spawn)],
    ...[String(entry.respawn_count), clean(doing)],
  ]);
  const shown = fit(text, columns);
  return blocked || entry.pid === 0 ? style.bad(shown) : shown;
}

function sorted(workers: readonly WorkerFigures[], key: SortKey): WorkerFigures[] {
  const by: Readonly<Record<SortKey, (worker: WorkerFigures) => number>> = {
    i: ({ entry }) => -entry.id,
    r: ({ requestsPerSecond }) => requestsPerSecond,
    l: ({ latency }) => latency?.p99 ?? 0,
    u: ({ entry }) => entry.loop_utilisation,
    m: ({ entry }) => entry.rss,
  };
  const value = by[key];
  return workers.toSorted((one, other) => value(other) - value(one));
}

function eventLine({ time, level, message }: EventEntry, columns: number, style: Style): string {
  const text = fit(`${clock(time)} ${clean(message)}`, columns);
  return level === 'error' ? style.bad(text) : level === 'info' ? style.faint(text) : text;
}

function clock(seconds: number): string {
  return new Date(seconds * 1000).toTimeString().slice(0, 8);
}

/** URIs and messages come from outside: nothing of them reaches the terminal as an order. */
function clean(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f]/g, ' ');
}

function fit(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}
