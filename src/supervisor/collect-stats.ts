/** Gathers the facts for the statistics. Asks no worker: what workers say of themselves stands in the scoreboard. */
import type { BoundQueues } from '../binding/listeners.js';
import type { Config } from '../config/config.js';
import type { ScoreboardRow } from '../ipc/scoreboard.js';
import { readVersion } from '../util/version.js';
import { listenQueues } from './listen-queues.js';
import { processMemory } from './process-memory.js';
import { workerIdOf, type Slot } from './slot.js';
import type { ServerStats, SocketStats, WorkerStats } from './stats-document.js';

export interface StatsSources {
  readonly config: Config;
  readonly queues: BoundQueues;
  readonly slots: readonly Slot[];
  readonly daemons: ServerStats['daemons'];
}

export function collectStats({ config, queues, slots, daemons }: StatsSources): ServerStats {
  const waiting = listenQueues();
  return {
    version: readVersion(),
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    cwd: process.cwd(),
    daemons,
    sockets: queues.listeners.map((listener, index) =>
      socketStats(listener, config.listen, {
        queues: queues.queues.filter((queue) => queue.listener === index).length,
        waiting: waiting.get(listener.port) ?? 0,
      }),
    ),
    workers: slots.map((slot) => workerStats(slot)),
  };
}

function socketStats(
  listener: BoundQueues['listeners'][number],
  backlog: number,
  found: { readonly queues: number; readonly waiting: number },
): SocketStats {
  const { host, port, protocol } = listener;
  const tcp = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    name: port === 0 ? host : tcp,
    protocol,
    waiting: found.waiting,
    backlog,
    shared: found.queues === 1,
  };
}

function workerStats(slot: Slot): WorkerStats {
  const { worker, totals, index } = slot;
  const row = worker?.board?.row;
  const pid = worker?.pid ?? 0;
  const memory = pid === 0 ? undefined : processMemory(pid);
  const of = (cell: Parameters<ScoreboardRow['get']>[0]): number => row?.get(cell) ?? 0;
  const delta = of('REQUESTS');
  const requests = totals.requests + delta;
  const running = Math.round(totals.runningMicros + of('RUNNING_MICROS'));
  const call = row?.call();
  const busy = of('IN_FLIGHT') > 0 || call !== undefined;
  return {
    id: workerIdOf(index),
    pid,
    accepting: worker?.state === 'ready',
    requests,
    deltaRequests: delta,
    exceptions: totals.exceptions + of('EXCEPTIONS'),
    harakiriCount: totals.harakiri + of('EXPIRED'),
    status: pid === 0 ? 'cheap' : busy ? 'busy' : 'idle',
    residentBytes: memory?.residentBytes ?? 0,
    addressSpaceBytes: memory?.addressSpaceBytes ?? 0,
    runningMicros: running,
    lastSpawn:
      worker === undefined ? 0 : Math.floor((performance.timeOrigin + worker.spawnedAt) / 1000),
    respawnCount: totals.spawns,
    bytesOut: totals.bytesOut + of('BYTES_OUT'),
    averageMicros: requests === 0 ? 0 : Math.round(running / requests),
    inFlight: of('IN_FLIGHT'),
    connections: of('CONNECTIONS'),
    badRequests: of('BAD_REQUESTS'),
    startupSeconds:
      worker?.readyAt === undefined ? 0 : Math.round((worker.readyAt - worker.spawnedAt) / 1000),
    cores: [
      {
        id: 0,
        requests: delta,
        staticRequests: totals.staticRequests + of('STATIC_REQUESTS'),
        writeErrors: of('ABORTED'),
        readErrors: of('TIMEOUTS'),
        call,
      },
    ],
  };
}
