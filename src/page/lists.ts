/** Workers, requests that run, and what happened. */
import { byId, element, pill, setText, svgElement } from './elements.js';
import type {
  EventEntry,
  Figures,
  RunningRequest,
  StatsDocument,
  WorkerEntry,
  WorkerFigures,
} from './figures.js';
import { formatBytes, formatDuration, formatMicros, formatRate, formatShare } from './format.js';

type PillKind = 'good' | 'warn' | 'bad' | 'calm';

/** An event loop that has not turned for so long is blocked. */
const BLOCKED_MICROS = 2_000_000;
const SHOWN_REQUESTS = 12;
const SHOWN_EVENTS = 40;

export function showWorkers(document: StatsDocument, figures: Figures | undefined): void {
  const known = new Map(figures?.workers.map((worker) => [worker.entry.id, worker]));
  const cards = document.workers.map((entry) => workerCard(entry, known.get(entry.id), document));
  byId('workers').replaceChildren(...cards);
}

function stateOf({ pid, state, status, loop_silence: silence }: WorkerEntry): [string, PillKind] {
  if (pid === 0) return ['no process', 'calm'];
  if (state === 'ready' && silence > BLOCKED_MICROS) return ['blocked', 'bad'];
  if (state === 'ready') return status === 'busy' ? ['busy', 'good'] : ['idle', 'calm'];
  return [state, state === 'killed' ? 'bad' : 'warn'];
}

function workerCard(
  entry: WorkerEntry,
  figures: WorkerFigures | undefined,
  { now }: StatsDocument,
): HTMLElement {
  const [text, kind] = stateOf(entry);
  const head = element('h3', {
    children: [
      `Worker ${entry.id}`,
      element('small', { children: [entry.pid === 0 ? '' : `pid ${entry.pid}`] }),
      pill(text, kind),
    ],
  });
  const card = element('article', {
    className: 'worker',
    children: [head, meter(entry.loop_utilisation), facts(entry, figures, now), doing(entry)],
  });
  card.dataset['worker'] = String(entry.id);
  return card;
}

function facts(entry: WorkerEntry, figures: WorkerFigures | undefined, now: number): HTMLElement {
  const pairs: readonly (readonly [string, string, string])[] = [
    ['req/s', formatRate(figures?.requestsPerSecond ?? 0), 'requests answered per second'],
    ['event loop', formatShare(entry.loop_utilisation), 'share of time that it is not idle'],
    ['p50', formatMicros(figures?.latency?.p50), 'median latency'],
    ['loop delay', formatMicros(entry.loop_delay), 'how late its timers are'],
    ['p99', formatMicros(figures?.latency?.p99), '99 of 100 requests were faster'],
    ['memory', formatBytes(entry.rss), `heap ${formatBytes(entry.heap)}`],
    ['in flight', `${entry.in_flight} (${entry.pending} wait)`, 'requests not yet answered'],
    ['since', entry.pid === 0 ? '–' : formatDuration(now - entry.last_spawn), 'age of the process'],
    ['clients', String(entry.connections), 'open connections'],
    ['starts', String(entry.respawn_count), 'processes started in this place'],
  ];
  return element('dl', {
    children: pairs.flatMap(([name, value, title]) => [
      element('dt', { title, children: [name] }),
      element('dd', { children: [value] }),
    ]),
  });
}

function meter(share: number): SVGElement {
  const width = Math.min(100, Math.max(0, share * 100));
  const hot = share > 0.9 ? ' hot' : '';
  return svgElement('svg', { class: `meter${hot}`, role: 'img', 'aria-label': 'event loop' }, [
    svgElement('rect', { width: `${width.toFixed(1)}%`, height: '100%', rx: 3 }),
  ]);
}

function doing({ requests_in_flight: requests, replacement_pid: next }: WorkerEntry): HTMLElement {
  const [first] = requests;
  const more = requests.length > 1 ? ` and ${requests.length - 1} more` : '';
  const text =
    first === undefined
      ? 'waits for requests'
      : `${formatMicros(first.age)}: ${first.method} ${first.uri}${more}`;
  const successor = next === undefined ? '' : ` · its successor (pid ${next}) starts`;
  return element('p', { className: 'doing', title: text, children: [text + successor] });
}

export function showRunning({ workers }: StatsDocument): void {
  const requests = workers
    .flatMap(({ id, requests_in_flight: all }) => all.map((request) => ({ id, request })))
    .sort((one, other) => other.request.age - one.request.age);
  const note =
    requests.length === 0
      ? 'no request at this moment'
      : `${requests.length} request(s), the oldest first`;
  setText('running-note', note);
  byId('running').replaceChildren(
    ...requests.slice(0, SHOWN_REQUESTS).map(({ id, request }) => runningLine(id, request)),
  );
}

const STATE_WORDS: Readonly<Record<RunningRequest['state'], string>> = {
  body: 'body arrives',
  waiting: 'waits for JavaScript',
  javascript: 'in JavaScript',
  writing: 'is sent',
};

function runningLine(worker: number, { method, uri, state, age }: RunningRequest): HTMLElement {
  return element('li', {
    children: [
      element('span', { children: [`worker ${worker}`] }),
      element('span', { className: 'note', children: [STATE_WORDS[state]] }),
      element('code', { title: uri, children: [`${method} ${uri}`] }),
      element('span', { children: [formatMicros(age)] }),
    ],
  });
}

/** Events that are shown as a line in the charts: a process came or went. */
export function isTurn({ event }: EventEntry): boolean {
  return /^(worker-(recycling|died|killed|retired)|reloading|harakiri|stopping)$/.test(event);
}

export function showEvents({ events }: StatsDocument): void {
  const list = byId('events');
  const latest = events.slice(-SHOWN_EVENTS).reverse();
  if (list.firstElementChild?.getAttribute('data-number') === String(latest[0]?.number)) return;
  list.replaceChildren(...latest.map(eventLine));
}

const KINDS: Readonly<Record<EventEntry['level'], PillKind>> = {
  info: 'calm',
  warn: 'warn',
  error: 'bad',
};

function eventLine({ number, time, level, event, message }: EventEntry): HTMLElement {
  const moment = element('time', { children: [new Date(time * 1000).toLocaleTimeString()] });
  moment.dateTime = new Date(time * 1000).toISOString();
  const kind = event === 'worker-ready' || event === 'reloaded' ? 'good' : KINDS[level];
  const line = element('li', {
    children: [
      moment,
      element('span', { children: [pill(event.replaceAll('-', ' '), kind)] }),
      element('p', { children: [message] }),
    ],
  });
  line.dataset['number'] = String(number);
  line.dataset['event'] = event;
  return line;
}
