/**
 * The statistics as uWSGI writes them: its names, its order, tabs; what it does not have comes after what it has. Pure:
 * the facts are given.
 */
import type { HistoryEvent } from './event-history.js';
import { cacheEntry, cronEntry, lockEntry } from './shared-entries.js';
import { bucketStart, type Histogram } from '../../ipc/histogram.js';
import {
  noLatencies,
  STAGES,
  TOTALS,
  type Latencies,
  type TotalName,
} from '../workers/slot-totals.js';
import {
  sumOf,
  type LoopStats,
  type RequestInFlight,
  type RouterStats,
  type ServerStats,
  type SocketStats,
  type WorkerStats,
} from './stats-facts.js';

const TOTAL_NAMES: Readonly<Record<TotalName, string>> = {
  requests: 'requests',
  staticRequests: 'static_requests',
  exceptions: 'exceptions',
  signals: 'signals',
  badRequests: 'bad_requests',
  harakiri: 'harakiri_count',
  rejected: 'rejected',
  timeouts: 'timeouts',
  aborted: 'aborted',
  accepted: 'accepted_connections',
  bytesIn: 'rx',
  bytesOut: 'tx',
  runningMicros: 'running_time',
  answers1xx: 'answers_1xx',
  answers2xx: 'answers_2xx',
  answers3xx: 'answers_3xx',
  answers4xx: 'answers_4xx',
  answers5xx: 'answers_5xx',
  droppedRequestLines: 'dropped_request_lines',
  droppedRecordLines: 'dropped_record_lines',
};

export type StatsValue =
  string | number | readonly StatsValue[] | { readonly [name: string]: StatsValue };

export function statsDocument(stats: ServerStats, withCores: boolean): StatsValue {
  const { version, pid, uid, gid, cwd, daemons } = stats;
  const waiting = Math.max(0, ...stats.sockets.map((socket) => socket.waiting));
  return {
    version,
    listen_queue: waiting,
    listen_queue_errors: 0,
    signal_queue: 0,
    load: waiting,
    pid,
    uid,
    gid,
    cwd,
    ...listed('daemons', daemons),
    locks: stats.shared.locks.map(lockEntry),
    ...listed('caches', stats.shared.caches.map(cacheEntry)),
    sockets: stats.sockets.map(socketEntry),
    workers: stats.workers.map((worker) => workerEntry(worker, withCores, stats)),
    ...listed('crons', stats.crons.map(cronEntry)),
    ...ownEntries(stats),
  };
}

/** uWSGI leaves out lists of what nobody asked for. */
function listed(
  name: string,
  entries: readonly StatsValue[],
): Readonly<Record<string, StatsValue>> {
  return entries.length === 0 ? {} : { [name]: entries };
}

/** What uWSGI does not tell of a server. */
function ownEntries(stats: ServerStats): Readonly<Record<string, StatsValue>> {
  const { workers, state, master } = stats;
  return {
    server: 'tsuwsgi-native',
    now: stats.now / 1000,
    started_at: stats.startedAt / 1000,
    phase: state.phase,
    ...(state.stopping === undefined ? {} : { stopping: state.stopping }),
    workers_ready: state.workersReady,
    workers_wanted: state.workersWanted,
    totals: totalsEntry(workers),
    master_rss: master.residentBytes,
    master_cpu_time: Math.round(master.cpuSeconds * 1e6),
    dropped_log_lines:
      master.droppedLogLines +
      workers.reduce((sum, { droppedLogLines }) => sum + droppedLogLines, 0),
    ...(stats.busyness === undefined ? {} : { busyness: rounded(stats.busyness) }),
    ...listed('log_drops', stats.logDrops.map(logDropEntry)),
    latency: latencyEntry(mergeLatencies(workers)),
    ...listed('routers', stats.routers.map(routerEntry)),
    events: stats.events.map(eventEntry),
  };
}

function rounded(share: number): number {
  return Math.round(share * 1000) / 1000;
}

/** Of all workers since the server's start; uWSGI's names where it has them. */
function totalsEntry(workers: readonly WorkerStats[]): StatsValue {
  return Object.fromEntries(TOTALS.map((name) => [TOTAL_NAMES[name], sumOf(workers, name)]));
}

function socketEntry(socket: SocketStats): StatsValue {
  const { name, protocol, waiting, waitingByQueue, backlog, shared } = socket;
  return {
    name,
    proto: protocol,
    queue: waiting,
    max_queue: backlog,
    shared: shared ? 1 : 0,
    can_offload: 0,
    queues: waitingByQueue,
  };
}

function workerEntry(
  worker: WorkerStats,
  withCores: boolean,
  { now, state }: Pick<ServerStats, 'now' | 'state'>,
): StatsValue {
  const { totals } = worker;
  return {
    id: worker.id,
    pid: worker.pid,
    accepting: worker.accepting ? 1 : 0,
    requests: totals.requests,
    delta_requests: worker.deltaRequests,
    exceptions: totals.exceptions,
    harakiri_count: totals.harakiri,
    signals: totals.signals,
    signal_queue: 0,
    status: statusOf(worker, state.phase === 'paused'),
    rss: worker.residentBytes,
    vsz: worker.addressSpaceBytes,
    running_time: totals.runningMicros,
    last_spawn: Math.floor(worker.spawnedAt),
    respawn_count: totals.spawns,
    tx: totals.bytesOut,
    avg_rt: totals.requests === 0 ? 0 : Math.round(totals.runningMicros / totals.requests),
    ...ownWorkerEntries(worker),
    apps: [appEntry(worker)],
    ...(withCores ? { cores: worker.loops.map((loop) => coreEntry(loop, worker, now)) } : {}),
  };
}

function statusOf({ pid, busy }: WorkerStats, paused: boolean): string {
  if (pid === 0) return 'cheap';
  if (busy) return 'busy';
  return paused ? 'pause' : 'idle';
}

/** What uWSGI does not tell of a worker. Times in microseconds, as its own are. */
function ownWorkerEntries(worker: WorkerStats): Readonly<Record<string, StatsValue>> {
  return {
    state: worker.state,
    in_flight: worker.inFlight,
    pending: worker.pending,
    connections: worker.connections,
    bad_requests: worker.totals.badRequests,
    rejected: worker.totals.rejected,
    timeouts: worker.totals.timeouts,
    aborted: worker.totals.aborted,
    rx: worker.totals.bytesIn,
    heap: worker.heapUsedBytes,
    heap_total: worker.heapTotalBytes,
    external: worker.externalBytes,
    loop_delay: Math.round(worker.loopDelayMs.mean * 1000),
    loop_delay_p99: Math.round(worker.loopDelayMs.p99 * 1000),
    loop_delay_max: Math.round(worker.loopDelayMs.max * 1000),
    loop_utilisation: rounded(worker.loopUtilisation),
    loop_silence: Math.round(worker.silentMs * 1000),
    dropped_log_lines: worker.droppedLogLines,
    ...(worker.replacementPid === undefined ? {} : { replacement_pid: worker.replacementPid }),
    ...(worker.retiringPids.length === 0 ? {} : { retiring_pids: worker.retiringPids }),
    latency: histogramEntry(worker.totals.latencies.total),
    requests_in_flight: worker.requests.map(requestEntry),
    requests_not_listed: worker.untabled,
  };
}

function requestEntry(request: RequestInFlight): StatsValue {
  const { method, uri, state, ageMs, deadlineInMs, loop } = request;
  return {
    method,
    uri,
    state,
    core: loop,
    age: Math.round(ageMs * 1000),
    ...(deadlineInMs === undefined ? {} : { deadline_in: Math.round(deadlineInMs * 1000) }),
  };
}

function appEntry({ deltaRequests, totals, startupSeconds }: WorkerStats): StatsValue {
  return {
    id: 0,
    modifier1: 0,
    mountpoint: '',
    startup_time: startupSeconds,
    requests: deltaRequests,
    exceptions: totals.exceptions,
    chdir: '',
  };
}

/** One I/O loop. uWSGI shows the request that a core runs, and ends the list of its variables with an empty string. */
function coreEntry(loop: LoopStats, worker: WorkerStats, now: number): StatsValue {
  const request = oldest(worker.requests.filter((one) => one.loop === loop.id));
  return {
    id: loop.id,
    requests: loop.requests,
    static_requests: loop.staticRequests,
    routed_requests: 0,
    offloaded_requests: 0,
    write_errors: loop.writeErrors,
    read_errors: loop.readErrors,
    in_request: request === undefined ? 0 : 1,
    vars: request === undefined ? [] : varsOf(request),
    req_info:
      request === undefined ? {} : { request_start: Math.floor((now - request.ageMs) / 1000) },
    connections: loop.connections,
    idle_connections: loop.idle,
    in_flight: loop.inFlight,
    pending: loop.pending,
  };
}

function varsOf({ method, uri }: RequestInFlight): string[] {
  return [`REQUEST_METHOD=${method}`, `REQUEST_URI=${uri}`, ''];
}

/** What runs in JavaScript comes before what waits for it. */
function oldest(requests: readonly RequestInFlight[]): RequestInFlight | undefined {
  const running = requests.filter(({ state }) => state === 'javascript');
  const among = running.length > 0 ? running : requests;
  return among.toSorted((a, b) => b.ageMs - a.ageMs)[0];
}

function routerEntry({ id, pid, state, spawns }: RouterStats): StatsValue {
  return { id, pid, state, respawn_count: spawns };
}

function logDropEntry({ destination, dropped, since, reason }: ServerStats['logDrops'][number]) {
  return {
    destination,
    dropped,
    ...(since === undefined ? {} : { since: since / 1000 }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function eventEntry({ number, time, level, event, worker, pid, reason, message }: HistoryEvent) {
  return {
    number,
    time: time / 1000,
    level,
    event,
    ...(worker === undefined ? {} : { worker }),
    ...(pid === undefined ? {} : { pid }),
    ...(reason === undefined ? {} : { reason }),
    message,
  };
}

export function mergeLatencies(workers: readonly WorkerStats[]): Latencies {
  const sum = noLatencies();
  for (const { totals } of workers)
    for (const stage of STAGES) sum[stage].add(totals.latencies[stage]);
  return sum;
}

function latencyEntry(latencies: Latencies): StatsValue {
  return Object.fromEntries(STAGES.map((stage) => [stage, histogramEntry(latencies[stage])]));
}

/** In microseconds. `buckets`: upper end and count of each class that is not empty. */
function histogramEntry(histogram: Histogram): StatsValue {
  const { count, sumMicros } = histogram;
  const at = (share: number): number => Math.round(histogram.quantile(share) ?? 0);
  return {
    count,
    sum: Math.round(sumMicros),
    mean: count === 0 ? 0 : Math.round(sumMicros / count),
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
    buckets: [...histogram.counts.entries()]
      .filter(([, found]) => found > 0)
      .map(([bucket, found]) => [bucketStart(bucket + 1), found]),
  };
}

/** One item a line, indented with tabs, no space behind a colon: what uWSGI writes. */
export function formatStats(value: StatsValue, minified: boolean): string {
  return minified
    ? JSON.stringify(value)
    : JSON.stringify(value, null, '\t').replace(/^(\t*"(?:[^"\\]|\\.)*":) /gm, '$1');
}
