import type { WorkerInfo, WorkerState } from '../app/host.js';
import { ScoreboardRow } from '../ipc/scoreboard.js';
import { rowBytes } from '../ipc/scoreboard-layout.js';

/** All rows of the memory that `own` stands in. */
export function rowsAround(own: ScoreboardRow): ScoreboardRow[] {
  const loops = own.loops().length;
  const rows = Math.floor(own.memory.byteLength / rowBytes(loops));
  return Array.from({ length: rows }, (_, row) => new ScoreboardRow(own.memory, row, loops));
}

/** The workers that live, by id; during a recycling there are two with the same one. */
export function readWorkers(rows: readonly ScoreboardRow[]): WorkerInfo[] {
  return rows
    .filter((row) => row.get('PID') > 0)
    .map(workerInfo)
    .sort((one, other) => one.id - other.id || one.pid - other.pid);
}

function workerInfo(row: ScoreboardRow): WorkerInfo {
  return {
    id: row.get('WORKER_ID'),
    pid: row.get('PID'),
    state: stateOf(row),
    requests: row.get('REQUESTS'),
    inFlight: row.get('IN_FLIGHT'),
    exceptions: row.get('EXCEPTIONS'),
    connections: row.get('CONNECTIONS'),
    bytesOut: row.get('BYTES_OUT'),
    residentBytes: row.get('RESIDENT_BYTES'),
    heapBytes: row.get('HEAP_USED_BYTES'),
  };
}

function stateOf(row: ScoreboardRow): WorkerState {
  if (row.get('HEARTBEAT') === 0) return 'loading';
  if (row.get('DRAINING') > 0) return 'draining';
  return row.get('IN_FLIGHT') > 0 ? 'busy' : 'idle';
}
