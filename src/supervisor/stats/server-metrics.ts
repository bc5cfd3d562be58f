/** The statistics as metrics. Counters are of the server since its start: they outlive workers and never go down. */
import type { Histogram } from '../../ipc/histogram.js';
import { readiness } from './health.js';
import { metricsText, type Family, type Labels, type Sample } from './metrics-text.js';
import { STAGES, type TotalName } from '../workers/slot-totals.js';
import { mergeLatencies } from './stats-document.js';
import {
  sumOf,
  type CacheFigures,
  type ServerStats,
  type SharedStats,
  type WorkerStats,
} from './stats-facts.js';

export function serverMetrics(stats: ServerStats): string {
  return metricsText([
    ...serverFamilies(stats),
    ...cacheFamilies(stats.shared),
    ...counterFamilies(stats.workers),
    ...latencyFamilies(stats.workers),
    ...workerFamilies(stats.workers),
  ]);
}

const one = (value: number): readonly Sample[] => [{ value }];

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'gauge', samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'counter', samples };
}

function serverFamilies(stats: ServerStats): Family[] {
  const { state, sockets, workers, master } = stats;
  const dropped = workers.reduce((sum, { droppedLogLines }) => sum + droppedLogLines, 0);
  const socketSamples = (value: (socket: (typeof sockets)[number]) => number): Sample[] =>
    sockets.map((socket) => ({
      labels: { socket: socket.name, protocol: socket.protocol },
      value: value(socket),
    }));
  return [
    gauge('tsuwsgi_info', 'The server, always 1', [
      { labels: { version: stats.version }, value: 1 },
    ]),
    gauge('tsuwsgi_start_time_seconds', 'When the server started', one(stats.startedAt / 1000)),
    ...stateFamilies(state),
    gauge('tsuwsgi_workers', 'Workers by state', workersByState(workers)),
    gauge(
      'tsuwsgi_busyness_ratio',
      'Share of their time that workers were busy in the last cycle of --cheaper-algo busyness',
      stats.busyness === undefined ? [] : one(stats.busyness),
    ),
    gauge(
      'tsuwsgi_listen_queue_connections',
      'Connections in the longest accept queue of an address',
      socketSamples(({ waiting }) => waiting),
    ),
    gauge(
      'tsuwsgi_listen_queue_max_connections',
      'Room of such a queue (--listen)',
      socketSamples(({ backlog }) => backlog),
    ),
    gauge(
      'tsuwsgi_master_resident_memory_bytes',
      'Memory of the master',
      one(master.residentBytes),
    ),
    counter(
      'tsuwsgi_master_cpu_seconds_total',
      'Processor time of the master',
      one(master.cpuSeconds),
    ),
    counter(
      'tsuwsgi_log_lines_dropped_total',
      'Log lines that found a full pipe, disk or logger',
      one(master.droppedLogLines + dropped),
    ),
    counter(
      'tsuwsgi_events_total',
      'Events of the log by name: worker-died, worker-recycling, harakiri and others',
      [...stats.eventCounts].map(([event, value]) => ({ labels: { event }, value })),
    ),
  ];
}

function stateFamilies(state: ServerStats['state']): Family[] {
  return [
    gauge(
      'tsuwsgi_ready',
      'Whether it takes requests, also one that rests and wakes for them: what /ready says',
      one(readiness(state).ok ? 1 : 0),
    ),
    gauge(
      'tsuwsgi_paused',
      'Whether new clients wait because the operator has paused the server',
      one(state.phase === 'paused' ? 1 : 0),
    ),
  ];
}

const CACHE_COUNTERS: readonly (readonly [string, string, (figures: CacheFigures) => number])[] = [
  ['hits_total', 'Reads that found the item', ({ hits }) => hits],
  ['misses_total', 'Reads that did not find it', ({ misses }) => misses],
  ['full_total', 'Writes for which there was no room', ({ full }) => full],
  ['evicted_total', 'Items that made room for others (lru)', ({ evicted }) => evicted],
  ['expired_total', 'Items whose time was over', ({ expired }) => expired],
];

/** A cache that somebody holds has no figures now: whoever draws them sees a gap, no fall to 0. */
function cacheFamilies({ caches }: SharedStats): Family[] {
  const samples = (value: (figures: CacheFigures) => number): Sample[] =>
    caches.flatMap(({ settings: { name: cache }, figures }) =>
      figures === undefined ? [] : [{ labels: { cache }, value: value(figures) }],
    );
  const limits = caches.map(({ settings: { name: cache, items: value } }) => ({
    labels: { cache },
    value,
  }));
  return [
    gauge(
      'tsuwsgi_cache_items',
      'Items in a cache of --cache2',
      samples(({ items }) => items),
    ),
    gauge('tsuwsgi_cache_max_items', 'Room for items (items=)', limits),
    ...CACHE_COUNTERS.map(([name, help, value]) =>
      counter(`tsuwsgi_cache_${name}`, help, samples(value)),
    ),
  ];
}

const STATES = ['ready', 'booting', 'draining', 'killed', 'waiting'] as const;

function workersByState(workers: readonly WorkerStats[]): Sample[] {
  return STATES.map((state) => ({
    labels: { state },
    value: workers.filter((worker) => worker.state === state).length,
  }));
}

const COUNTERS: readonly (readonly [TotalName, string, string])[] = [
  ['requests', 'requests_total', 'Requests that were answered'],
  ['staticRequests', 'static_requests_total', 'Of those, answered with a static file'],
  ['exceptions', 'exceptions_total', 'Requests whose application threw'],
  ['signals', 'signals_total', 'Signals of the application that workers handled'],
  ['harakiri', 'harakiri_total', 'Requests ended by their deadline, and workers killed for one'],
  ['badRequests', 'bad_requests_total', 'Requests and packets refused because of what they say'],
  ['rejected', 'rejected_total', 'Requests refused because too many waited (--max-pending)'],
  ['timeouts', 'timeouts_total', 'Connections cut because the client was too slow'],
  [
    'aborted',
    'aborted_total',
    'Requests given up before their answer was complete: the client left, or a limit ended them',
  ],
  ['accepted', 'connections_accepted_total', 'Connections'],
  ['bytesIn', 'received_bytes_total', 'Bytes read from clients'],
  ['bytesOut', 'sent_bytes_total', 'Bytes written to clients'],
];

const CLASSES: readonly (readonly [TotalName, string])[] = [
  ['answers1xx', '1xx'],
  ['answers2xx', '2xx'],
  ['answers3xx', '3xx'],
  ['answers4xx', '4xx'],
  ['answers5xx', '5xx'],
];

function counterFamilies(workers: readonly WorkerStats[]): Family[] {
  return [
    ...COUNTERS.map(([total, name, help]) =>
      counter(`tsuwsgi_${name}`, help, one(sumOf(workers, total))),
    ),
    counter(
      'tsuwsgi_responses_total',
      'Answers by class of status',
      CLASSES.map(([total, status]) => ({ labels: { status }, value: sumOf(workers, total) })),
    ),
    counter(
      'tsuwsgi_worker_spawns_total',
      'Processes started for the workers',
      one(workers.reduce((sum, { totals }) => sum + totals.spawns, 0)),
    ),
  ];
}

function latencyFamilies(workers: readonly WorkerStats[]): Family[] {
  const latencies = mergeLatencies(workers);
  const stages = STAGES.filter((stage) => stage !== 'total');
  return [
    {
      name: 'tsuwsgi_request_duration_seconds',
      help: 'From a request’s arrival until the kernel had taken its answer',
      type: 'histogram',
      samples: [histogramSample(latencies.total)],
    },
    {
      name: 'tsuwsgi_request_stage_seconds',
      help: 'Where that time went: kernel (before it was read), waiting (for JavaScript), javascript, writing',
      type: 'histogram',
      samples: stages.map((stage) => histogramSample(latencies[stage], { stage })),
    },
  ];
}

/** Powers of two are where classes of the scoreboard begin, so the counts at them are exact: 64 µs to 67 s. */
const BOUNDS_MICROS = Array.from({ length: 21 }, (_, power) => 2 ** (power + 6));

function histogramSample(histogram: Histogram, labels: Labels = {}) {
  const below = histogram.countsBelow(BOUNDS_MICROS);
  return {
    labels,
    buckets: BOUNDS_MICROS.map((micros, index) => ({
      upTo: micros / 1e6,
      count: Math.round(below[index] ?? 0),
    })),
    count: histogram.count,
    sum: histogram.sumMicros / 1e6,
  };
}

const PER_WORKER: readonly (readonly [string, string, (worker: WorkerStats) => number])[] = [
  ['worker_up', 'Whether the worker is ready', ({ state }) => (state === 'ready' ? 1 : 0)],
  ['worker_busy', 'Whether it has a request', ({ busy }) => (busy ? 1 : 0)],
  ['worker_start_time_seconds', 'When its process started; 0: none', ({ spawnedAt }) => spawnedAt],
  ['worker_connections', 'Open connections', ({ connections }) => connections],
  ['worker_requests_in_flight', 'Requests not yet answered', ({ inFlight }) => inFlight],
  ['worker_requests_pending', 'Of those, waiting for JavaScript', ({ pending }) => pending],
  ['worker_resident_memory_bytes', 'Memory of its process', ({ residentBytes }) => residentBytes],
  ['worker_heap_used_bytes', 'Heap of JavaScript in use', ({ heapUsedBytes }) => heapUsedBytes],
  ['worker_heap_total_bytes', 'Heap of JavaScript', ({ heapTotalBytes }) => heapTotalBytes],
  [
    'worker_event_loop_delay_seconds',
    'Mean delay of its event loop over the last seconds',
    ({ loopDelayMs }) => loopDelayMs.mean / 1000,
  ],
  [
    'worker_event_loop_delay_max_seconds',
    'Longest delay of its event loop over the last seconds',
    ({ loopDelayMs }) => loopDelayMs.max / 1000,
  ],
  [
    'worker_event_loop_silence_seconds',
    'Since its event loop last turned: grows while JavaScript is blocked',
    ({ silentMs }) => silentMs / 1000,
  ],
  [
    'worker_event_loop_utilisation_ratio',
    'Share of the last seconds in which its event loop was not idle',
    ({ loopUtilisation }) => loopUtilisation,
  ],
];

function workerFamilies(workers: readonly WorkerStats[]): Family[] {
  const samples = (value: (worker: WorkerStats) => number): Sample[] =>
    workers.map((worker) => ({ labels: { worker: String(worker.id) }, value: value(worker) }));
  return [
    counter(
      'tsuwsgi_worker_requests_total',
      'Requests that were answered, by the place of the worker',
      samples(({ totals }) => totals.requests),
    ),
    ...PER_WORKER.map(([name, help, value]) => gauge(`tsuwsgi_${name}`, help, samples(value))),
  ];
}
