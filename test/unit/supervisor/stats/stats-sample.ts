/** Facts of a server with two workers, for the tests of what is made of them. */
import { Histogram } from '../../../../src/ipc/histogram.js';
import { noTotals, type SlotTotals } from '../../../../src/supervisor/workers/slot-totals.js';
import type {
  CacheFigures,
  ServerStats,
  SharedStats,
  WorkerStats,
} from '../../../../src/supervisor/stats/stats-facts.js';

/** Bucket 8 holds 8 µs, bucket 16 holds 16 and 17 µs. */
export function histogramOf(
  counts: Readonly<Record<number, number>>,
  sumMicros: number,
): Histogram {
  const histogram = new Histogram();
  for (const [bucket, count] of Object.entries(counts)) histogram.counts[Number(bucket)] = count;
  histogram.sumMicros = sumMicros;
  return histogram;
}

export function totalsOf(change: Partial<SlotTotals> = {}): SlotTotals {
  return { ...noTotals(), ...change };
}

export function workerOf(change: Partial<WorkerStats> = {}): WorkerStats {
  return {
    id: 1,
    pid: 8,
    state: 'ready',
    accepting: true,
    totals: totalsOf({
      requests: 12,
      exceptions: 1,
      bytesOut: 50,
      runningMicros: 36,
      badRequests: 5,
      spawns: 2,
    }),
    deltaRequests: 2,
    busy: true,
    residentBytes: 10,
    addressSpaceBytes: 20,
    heapUsedBytes: 6,
    heapTotalBytes: 7,
    externalBytes: 1,
    spawnedAt: 40.5,
    startupSeconds: 1,
    connections: 4,
    inFlight: 1,
    pending: 0,
    silentMs: 250,
    loopDelayMs: { mean: 1.5, p99: 3, max: 9 },
    loopUtilisation: 0.25,
    droppedLogLines: 3,
    requests: [
      {
        loop: 0,
        method: 'GET',
        uri: '/a?b=1',
        state: 'javascript',
        ageMs: 2000,
        deadlineInMs: 8000,
      },
    ],
    untabled: 0,
    loops: [
      {
        id: 0,
        requests: 2,
        staticRequests: 1,
        connections: 4,
        idle: 3,
        inFlight: 1,
        pending: 0,
        writeErrors: 2,
        readErrors: 3,
      },
    ],
    replacementPid: undefined,
    retiringPids: [],
    ...change,
  };
}

export function cacheOf(figures: Partial<CacheFigures> = {}): SharedStats['caches'][number] {
  const settings = {
    name: 'c',
    items: 10,
    blocks: 20,
    blockBytes: 64,
    keyBytes: 2048,
    severalBlocks: true,
    evicts: true,
  };
  const none = { items: 0, usedBlocks: 0, hits: 0, misses: 0, full: 0 };
  const all = { ...none, evicted: 0, expired: 0, recoveries: 0, ...figures };
  return { settings, figures: all };
}

export function statsOf(change: Partial<ServerStats> = {}): ServerStats {
  return {
    version: '1.2.3',
    pid: 7,
    uid: 33,
    gid: 34,
    cwd: '/srv "x": y',
    now: 1_000_000,
    startedAt: 400_000,
    state: {
      phase: 'running',
      stopping: undefined,
      started: true,
      workersReady: 1,
      workersWanted: 1,
      routersReady: 0,
      routersWanted: 0,
    },
    master: { residentBytes: 30, cpuSeconds: 1.5, droppedLogLines: 1 },
    logDrops: [],
    daemons: [],
    shared: { locks: [0], caches: [] },
    crons: [],
    busyness: undefined,
    sockets: [
      {
        name: '127.0.0.1:80',
        protocol: 'http',
        waiting: 5,
        waitingByQueue: [5, 0],
        backlog: 100,
        shared: false,
      },
    ],
    workers: [workerOf()],
    routers: [],
    events: [
      {
        number: 1,
        time: 900_000,
        level: 'warn',
        event: 'worker-died',
        worker: 1,
        pid: 6,
        reason: 'killed by SIGKILL',
        message: 'worker 1 (pid: 6) died: killed by SIGKILL',
      },
    ],
    eventCounts: new Map([['worker-died', 1]]),
    ...change,
  };
}
