/** Gathers the facts for the statistics. Asks no worker: what workers say of themselves stands in the scoreboard. */
import { socketsOf, type BoundQueues } from '../../binding/bound-queues.js';
import type { NativeAddon } from '../../binding/native.js';
import type { Config } from '../../config/config.js';
import { monotonicMs, type CellName, type ScoreboardRow } from '../../ipc/scoreboard.js';
import { readVersion } from '../../util/version.js';
import type { EventHistory } from './event-history.js';
import type { LogKeeper } from '../logging/log-keeper.js';
import { busyShare, overdueMs } from '../adaptive/worker-load.js';
import { processMemory } from '../recycling/process-memory.js';
import { totalsWith } from '../workers/slot-totals.js';
import { sharedStats, type ObservedMemory } from './shared-stats.js';
import { workerIdOf, workersOf, type Slot } from '../workers/slot.js';
import type {
  LoopStats,
  MasterStats,
  RequestInFlight,
  RouterStats,
  ServerState,
  ServerStats,
  SocketStats,
  WorkerStats,
} from './stats-facts.js';
import type { WorkerHandle } from '../workers/worker-handle.js';

export interface StatsSources {
  readonly config: Config;
  readonly queues: BoundQueues;
  readonly slots: readonly Slot[];
  readonly routers: readonly Slot[];
  readonly daemons: ServerStats['daemons'];
  readonly crons: ServerStats['crons'];
  readonly busyness: ServerStats['busyness'];
  /** None where there are no applications. */
  readonly memory: ObservedMemory | undefined;
  readonly state: ServerState;
  readonly events: EventHistory;
  readonly log: Pick<LogKeeper, 'dropped' | 'drops'>;
  readonly addon: Pick<NativeAddon, 'listenBacklog'>;
}

const STARTED_AT = Date.now();

const NO_EVENT_LOOP = {
  silentMs: 0,
  loopDelayMs: { mean: 0, p99: 0, max: 0 },
  loopUtilisation: 0,
};

export function collectStats(sources: StatsSources): ServerStats {
  const { config, queues, slots, routers, state, events, log, addon } = sources;
  const { daemons, crons, busyness } = sources;
  return {
    version: readVersion(),
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    cwd: process.cwd(),
    now: Date.now(),
    startedAt: STARTED_AT,
    state,
    master: masterStats(log.dropped),
    logDrops: log.drops.facts(),
    daemons,
    shared: sharedStats(sources.memory),
    crons,
    busyness,
    sockets: queues.listeners.map((listener, index) =>
      socketStats(
        listener,
        config.listen,
        socketsOf(queues, index).map((fd) => addon.listenBacklog(fd) ?? 0),
      ),
    ),
    workers: slots.map((slot) => workerStats(slot)),
    routers: routers.map((slot) => routerStats(slot)),
    events: events.events,
    eventCounts: events.counts,
  };
}

function masterStats(droppedLogLines: number): MasterStats {
  const { user, system } = process.cpuUsage();
  return {
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
    droppedLogLines,
  };
}

function socketStats(
  listener: BoundQueues['listeners'][number],
  backlog: number,
  waiting: readonly number[],
): SocketStats {
  const { host, port, protocol } = listener;
  const tcp = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    name: port === 0 ? host : tcp,
    protocol,
    waiting: Math.max(0, ...waiting),
    waitingByQueue: waiting,
    backlog,
    shared: waiting.length === 1,
  };
}

function routerStats({ index, worker, totals }: Slot): RouterStats {
  return {
    id: workerIdOf(index),
    pid: worker?.pid ?? 0,
    state: stateOf(worker),
    spawns: totals.spawns,
  };
}

function workerStats(slot: Slot): WorkerStats {
  const { worker, replacement, retiring, totals, index } = slot;
  const row = worker?.board?.row;
  const requests = requestsInFlight(row);
  const all = totalsWith(totals, rowsOf(slot));
  return {
    id: workerIdOf(index),
    pid: worker?.pid ?? 0,
    state: stateOf(worker),
    accepting: worker?.state === 'ready',
    totals: all,
    deltaRequests: row?.get('REQUESTS') ?? 0,
    busy: (row?.get('IN_FLIGHT') ?? 0) > 0 || row?.call() !== undefined,
    ...memoryOf(worker),
    spawnedAt: worker === undefined ? 0 : (performance.timeOrigin + worker.spawnedAt) / 1000,
    startupSeconds:
      worker?.readyAt === undefined ? 0 : Math.round((worker.readyAt - worker.spawnedAt) / 1000),
    connections: row?.get('CONNECTIONS') ?? 0,
    inFlight: row?.get('IN_FLIGHT') ?? 0,
    pending: row?.waiting ?? 0,
    ...eventLoopOf(row),
    droppedLogLines: all.droppedRequestLines + all.droppedRecordLines,
    requests,
    untabled: row?.get('UNTABLED') ?? 0,
    loops: loopStats(row),
    replacementPid: replacement?.pid,
    retiringPids: [...retiring].flatMap((one) => one.pid ?? []),
  };
}

type MemoryStats = Pick<
  WorkerStats,
  'residentBytes' | 'addressSpaceBytes' | 'heapUsedBytes' | 'heapTotalBytes' | 'externalBytes'
>;

/** The kernel's figures are of now; the heap's are the ones the worker wrote last. */
function memoryOf(worker: WorkerHandle | undefined): MemoryStats {
  const memory = worker?.pid === undefined ? undefined : processMemory(worker.pid);
  const row = worker?.board?.row;
  return {
    residentBytes: memory?.residentBytes ?? 0,
    addressSpaceBytes: memory?.addressSpaceBytes ?? 0,
    heapUsedBytes: row?.get('HEAP_USED_BYTES') ?? 0,
    heapTotalBytes: row?.get('HEAP_TOTAL_BYTES') ?? 0,
    externalBytes: row?.get('EXTERNAL_BYTES') ?? 0,
  };
}

/** What the worker wrote last tells of the time before it stopped writing; as long as it does not, its delay is that. */
function eventLoopOf(
  row: ScoreboardRow | undefined,
): Pick<WorkerStats, 'silentMs' | 'loopDelayMs' | 'loopUtilisation'> {
  if (row === undefined) return NO_EVENT_LOOP;
  const now = monotonicMs();
  const overdue = overdueMs(row, now);
  const delay = (cell: CellName): number => Math.max(row.get(cell), overdue);
  const heartbeat = row.get('HEARTBEAT');
  return {
    silentMs: heartbeat === 0 ? 0 : Math.max(0, now - heartbeat),
    loopDelayMs: {
      mean: delay('LOOP_DELAY_MEAN'),
      p99: delay('LOOP_DELAY_P99'),
      max: delay('LOOP_DELAY_MAX'),
    },
    loopUtilisation: busyShare(row, now),
  };
}

function stateOf(worker: WorkerHandle | undefined): WorkerStats['state'] {
  return worker === undefined || worker.state === 'gone' ? 'waiting' : worker.state;
}

/** Of every process of the slot: one that drains still answers, and its answers count. */
function rowsOf(slot: Slot): ScoreboardRow[] {
  return workersOf(slot).flatMap(({ board }) => board?.row ?? []);
}

function requestsInFlight(row: ScoreboardRow | undefined): RequestInFlight[] {
  const now = monotonicMs();
  const found = (row?.loops() ?? []).flatMap((loop, index) =>
    loop.inFlight().map(({ method, uri, state, startedMs, deadlineMs }): RequestInFlight => ({
      loop: index,
      method,
      uri,
      state,
      ageMs: Math.max(0, now - startedMs),
      deadlineInMs: deadlineMs === undefined ? undefined : deadlineMs - now,
    })),
  );
  return found.sort((one, other) => other.ageMs - one.ageMs);
}

/** Static files are counted by JavaScript, which all loops share: the first one has them. */
function loopStats(row: ScoreboardRow | undefined): LoopStats[] {
  return (row?.loops() ?? []).map((loop, index) => ({
    id: index,
    requests: loop.counter('REQUESTS'),
    staticRequests: index === 0 ? (row?.get('STATIC_REQUESTS') ?? 0) : 0,
    connections: loop.counter('CONNECTIONS'),
    idle: loop.counter('IDLE'),
    inFlight: loop.counter('IN_FLIGHT'),
    pending: loop.waiting,
    writeErrors: loop.counter('ABORTED'),
    readErrors: loop.counter('TIMEOUTS'),
  }));
}
