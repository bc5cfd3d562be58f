/** What is known about the server at one moment. Gathered in collect-stats.ts; written as JSON, as metrics, drawn. */
import type { NativeSharedCache } from '../../binding/native.js';
import type { CacheSettings } from '../../config/cache-settings.js';
import type { CronSetting } from '../../config/cron-settings.js';
import type { HistoryEvent } from './event-history.js';
import type { LogDrop } from '../logging/log-drops.js';
import type { SlotTotals, TotalName } from '../workers/slot-totals.js';

export interface SocketStats {
  readonly name: string;
  readonly protocol: string;
  /** Connections that wait in its longest accept queue, and how many may. */
  readonly waiting: number;
  readonly backlog: number;
  /** Of each of its accept queues: one for each I/O loop of each worker, fewer after an upgrade to more, or one for all. */
  readonly waitingByQueue: readonly number[];
  readonly shared: boolean;
}

export interface RequestInFlight {
  readonly loop: number;
  readonly method: string;
  /** Cut to its room. */
  readonly uri: string;
  readonly state: 'body' | 'waiting' | 'javascript' | 'writing';
  readonly ageMs: number;
  /** Milliseconds until its harakiri; negative where it is overdue, undefined without. */
  readonly deadlineInMs: number | undefined;
}

export interface LoopStats {
  readonly id: number;
  readonly requests: number;
  readonly staticRequests: number;
  /** Open now, and of those the ones between requests. */
  readonly connections: number;
  readonly idle: number;
  readonly inFlight: number;
  readonly pending: number;
  /** Clients that left, and clients that were too slow. */
  readonly writeErrors: number;
  readonly readErrors: number;
}

/** `waiting`: the slot has no process now. The rest: src/supervisor/workers/lifecycle.ts. */
export type WorkerStatus = 'waiting' | 'booting' | 'ready' | 'draining' | 'killed';

export interface WorkerStats {
  readonly id: number;
  readonly pid: number;
  readonly state: WorkerStatus;
  readonly accepting: boolean;
  /** Of the slot since the server's start, whoever had it, and of this worker alone. */
  readonly totals: SlotTotals;
  readonly deltaRequests: number;
  readonly busy: boolean;
  readonly residentBytes: number;
  readonly addressSpaceBytes: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  /** Memory outside of the heap that objects in it own. */
  readonly externalBytes: number;
  /** Seconds since the epoch; 0 without a process. */
  readonly spawnedAt: number;
  /** Seconds until the application was loaded. */
  readonly startupSeconds: number;
  readonly connections: number;
  /** Requests that JavaScript has and has not answered, and those that wait for it. */
  readonly inFlight: number;
  readonly pending: number;
  /** Since its event loop last said that it turns, in milliseconds. */
  readonly silentMs: number;
  /** Delay of its event loop over the last seconds, in milliseconds; at least for how long it has been overdue. */
  readonly loopDelayMs: { readonly mean: number; readonly p99: number; readonly max: number };
  /** 0 … 1: the share of time that its event loop was not idle; 1 as long as it does not come back. */
  readonly loopUtilisation: number;
  /** Lines that a full pipe or disk took. */
  readonly droppedLogLines: number;
  /** The oldest first, and how many there is no room for in the table. */
  readonly requests: readonly RequestInFlight[];
  readonly untabled: number;
  readonly loops: readonly LoopStats[];
  /** Of processes that belong to the slot beside its worker. */
  readonly replacementPid: number | undefined;
  readonly retiringPids: readonly number[];
}

export type CacheFigures = Exclude<ReturnType<NativeSharedCache['stats']>, number>;

/** What stands in the memory that the application's functions share. */
export interface SharedStats {
  /** Pid of each lock's holder, 0 where it is free; lock 0 first. */
  readonly locks: readonly number[];
  readonly caches: readonly {
    readonly settings: CacheSettings;
    /** undefined: somebody held the cache all the while that the master waits for it. */
    readonly figures: CacheFigures | undefined;
  }[];
}

/** A command of `--cron`. `pid`: of its last run, 0 while none runs; `startedAt` in milliseconds since the epoch. */
export interface CronStats {
  readonly setting: CronSetting;
  readonly pid: number;
  readonly startedAt: number;
}

export interface RouterStats {
  readonly id: number;
  readonly pid: number;
  readonly state: WorkerStatus;
  readonly spawns: number;
}

/** What the master says of its server, for the probes. */
export interface ServerState {
  readonly phase: 'running' | 'paused' | 'stopping';
  /** Why it stops, or will. */
  readonly stopping: string | undefined;
  /** All workers, and routers, were ready at one moment since the start. */
  readonly started: boolean;
  readonly workersReady: number;
  readonly workersWanted: number;
  readonly routersReady: number;
  readonly routersWanted: number;
}

export interface MasterStats {
  readonly residentBytes: number;
  readonly cpuSeconds: number;
  readonly droppedLogLines: number;
}

export interface ServerStats {
  readonly version: string;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly cwd: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly startedAt: number;
  readonly state: ServerState;
  readonly master: MasterStats;
  /** Destinations of the log that ever lost a line. */
  readonly logDrops: readonly LogDrop[];
  readonly daemons: readonly {
    readonly cmd: string;
    readonly pid: number;
    readonly respawns: number;
  }[];
  readonly shared: SharedStats;
  readonly crons: readonly CronStats[];
  /** Of `--cheaper-algo busyness`: share of their time that workers were busy in the last cycle; 0 … 1. */
  readonly busyness: number | undefined;
  readonly sockets: readonly SocketStats[];
  readonly workers: readonly WorkerStats[];
  readonly routers: readonly RouterStats[];
  readonly events: readonly HistoryEvent[];
  readonly eventCounts: ReadonlyMap<string, number>;
}

export function sumOf(workers: readonly WorkerStats[], counter: TotalName): number {
  return workers.reduce((sum, { totals }) => sum + totals[counter], 0);
}
