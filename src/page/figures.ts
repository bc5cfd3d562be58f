/**
 * What two looks at the statistics tell together: rates, and percentiles of what happened between them. Used by the page
 * and by `top`; knows neither a browser nor a terminal.
 */

export interface LatencyEntry {
  readonly count: number;
  /** Microseconds of all requests together. */
  readonly sum: number;
  /** Upper end in microseconds, and count, of each class that is not empty. */
  readonly buckets: readonly (readonly [number, number])[];
}

export interface RunningRequest {
  readonly method: string;
  readonly uri: string;
  readonly state: 'body' | 'waiting' | 'javascript' | 'writing';
  /** Microseconds. */
  readonly age: number;
}

export interface WorkerEntry {
  readonly id: number;
  readonly pid: number;
  readonly state: string;
  readonly status: string;
  readonly requests: number;
  readonly delta_requests: number;
  readonly exceptions: number;
  readonly respawn_count: number;
  readonly last_spawn: number;
  readonly rss: number;
  readonly heap: number;
  readonly in_flight: number;
  readonly pending: number;
  readonly connections: number;
  readonly loop_utilisation: number;
  /** Microseconds. */
  readonly loop_delay: number;
  readonly loop_silence: number;
  readonly latency: LatencyEntry;
  readonly requests_in_flight: readonly RunningRequest[];
  readonly replacement_pid?: number;
  readonly retiring_pids?: readonly number[];
}

export interface EventEntry {
  readonly number: number;
  /** Seconds since the epoch. */
  readonly time: number;
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly worker?: number;
  readonly pid?: number;
  readonly reason?: string;
  readonly message: string;
}

export const STAGES = ['kernel', 'waiting', 'javascript', 'writing'] as const;
export type Stage = (typeof STAGES)[number];

export interface StatsDocument {
  readonly server: 'tsuwsgi-native';
  readonly version: string;
  readonly pid: number;
  readonly cwd: string;
  /** Seconds since the epoch, by the server's clock. */
  readonly now: number;
  readonly started_at: number;
  readonly phase: 'running' | 'paused' | 'stopping';
  readonly stopping?: string;
  readonly workers_ready: number;
  readonly workers_wanted: number;
  readonly listen_queue: number;
  readonly dropped_log_lines: number;
  readonly master_rss: number;
  readonly totals: {
    readonly requests: number;
    readonly exceptions: number;
    readonly harakiri_count: number;
    readonly answers_5xx: number;
    readonly tx: number;
  };
  readonly latency: Readonly<Record<Stage | 'total', LatencyEntry>>;
  readonly sockets: readonly { readonly name: string; readonly proto: string }[];
  readonly workers: readonly WorkerEntry[];
  readonly events: readonly EventEntry[];
}

/** Throws where the text is something else, as the statistics of uWSGI are. */
export function parseDocument(text: string): StatsDocument {
  const value = jsonOf(text);
  const ours = typeof value === 'object' && value !== null && 'server' in value;
  if (!ours || value.server !== 'tsuwsgi-native')
    throw new Error('these are not the statistics of tsuwsgi-native');
  return value as StatsDocument;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Microseconds; undefined where nothing was answered in the meantime. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

export interface WorkerFigures {
  readonly entry: WorkerEntry;
  readonly requestsPerSecond: number;
  readonly latency: Percentiles | undefined;
}

export interface Figures {
  /** Between the two looks. */
  readonly seconds: number;
  readonly requestsPerSecond: number;
  /** Answers of the class 5xx. */
  readonly failuresPerSecond: number;
  readonly bytesPerSecond: number;
  readonly latency: Percentiles | undefined;
  /** Mean microseconds of a request in each stage; undefined where nothing was answered. */
  readonly stages: Readonly<Record<Stage, number>> | undefined;
  readonly workers: readonly WorkerFigures[];
}

/** Whether both are of the same server process: otherwise their differences say nothing. */
export function comparable(earlier: StatsDocument, later: StatsDocument): boolean {
  return (
    earlier.pid === later.pid && earlier.started_at === later.started_at && later.now > earlier.now
  );
}

export function figuresBetween(earlier: StatsDocument, later: StatsDocument): Figures {
  const seconds = Math.max(later.now - earlier.now, 0.001);
  const rate = (name: keyof StatsDocument['totals']): number =>
    Math.max(0, later.totals[name] - earlier.totals[name]) / seconds;
  const before = new Map(earlier.workers.map((worker) => [worker.id, worker]));
  return {
    seconds,
    requestsPerSecond: rate('requests'),
    failuresPerSecond: rate('answers_5xx'),
    bytesPerSecond: rate('tx'),
    latency: percentilesBetween(earlier.latency.total, later.latency.total),
    stages: stagesBetween(earlier, later),
    workers: later.workers.map((entry) => workerFigures(before.get(entry.id), entry, seconds)),
  };
}

function workerFigures(
  earlier: WorkerEntry | undefined,
  entry: WorkerEntry,
  seconds: number,
): WorkerFigures {
  const answered = earlier === undefined ? 0 : Math.max(0, entry.requests - earlier.requests);
  return {
    entry,
    requestsPerSecond: answered / seconds,
    latency: earlier === undefined ? undefined : percentilesBetween(earlier.latency, entry.latency),
  };
}

function stagesBetween(
  earlier: StatsDocument,
  later: StatsDocument,
): Readonly<Record<Stage, number>> | undefined {
  const answered = later.latency.total.count - earlier.latency.total.count;
  if (answered <= 0) return undefined;
  const mean = (stage: Stage): number =>
    Math.max(0, later.latency[stage].sum - earlier.latency[stage].sum) / answered;
  return {
    kernel: mean('kernel'),
    waiting: mean('waiting'),
    javascript: mean('javascript'),
    writing: mean('writing'),
  };
}

function percentilesBetween(earlier: LatencyEntry, later: LatencyEntry): Percentiles | undefined {
  const before = new Map(earlier.buckets);
  const buckets = later.buckets
    .map(([end, count]) => [end, count - (before.get(end) ?? 0)] as const)
    .filter(([, count]) => count > 0);
  return percentilesOf(buckets);
}

export function percentilesOf(
  buckets: readonly (readonly [number, number])[],
): Percentiles | undefined {
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return undefined;
  const at = (share: number): number => percentile(buckets, share * total);
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

/** As if the requests of a class were spread evenly over it. */
function percentile(buckets: readonly (readonly [number, number])[], rank: number): number {
  let below = 0;
  for (const [end, count] of buckets) {
    if (below + count >= rank) return end - classWidth(end) * (1 - (rank - below) / count);
    below += count;
  }
  return buckets.at(-1)?.[0] ?? 0;
}

/** Classes are an eighth of the power of two they begin at or above, and at least a microsecond. */
function classWidth(end: number): number {
  return end <= 8 ? 1 : 2 ** (Math.floor(Math.log2(end - 1)) - 3);
}
