/**
 * What the workers of a slot did together. It stays while they come and go: a worker's row is added when the worker is
 * gone, so these figures never go down.
 */
import {
  Histogram,
  type CellName,
  type CounterName,
  type LatencyName,
  type ScoreboardRow,
} from '../../ipc/scoreboard.js';
import type { Scoreboard } from './scoreboard.js';
import type { WorkerHandle } from './worker-handle.js';

/** What is counted, and where it stands in a worker's row. */
const PLACES = {
  requests: 'REQUESTS',
  staticRequests: 'STATIC_REQUESTS',
  exceptions: 'EXCEPTIONS',
  signals: 'SIGNALS',
  badRequests: 'BAD_REQUESTS',
  /** Requests that were answered 504, and workers that were killed because their JavaScript was blocked. */
  harakiri: 'EXPIRED',
  /** Refused because too many waited for JavaScript. */
  rejected: 'REJECTED',
  timeouts: 'TIMEOUTS',
  aborted: 'ABORTED',
  accepted: 'ACCEPTED',
  bytesIn: 'BYTES_IN',
  bytesOut: 'BYTES_OUT',
  runningMicros: 'RUNNING_MICROS',
  answers1xx: 'ANSWERS_1XX',
  answers2xx: 'ANSWERS_2XX',
  answers3xx: 'ANSWERS_3XX',
  answers4xx: 'ANSWERS_4XX',
  answers5xx: 'ANSWERS_5XX',
  /** Lines that the log did not take: of requests, and of JavaScript. */
  droppedRequestLines: 'LOG_DROPPED',
  droppedRecordLines: 'LOG_LINES_DROPPED',
} as const satisfies Readonly<Record<string, CellName | CounterName>>;

export type TotalName = keyof typeof PLACES;
export const TOTALS = Object.keys(PLACES) as readonly TotalName[];

/** The stages of a request, in the order in which it goes through them, and all together. */
export const STAGES = [
  'kernel',
  'waiting',
  'javascript',
  'writing',
  'total',
] as const satisfies readonly LatencyName[];

export type Totals = Record<TotalName, number>;
export type Latencies = Readonly<Record<LatencyName, Histogram>>;

export interface SlotTotals extends Totals {
  spawns: number;
  readonly latencies: Latencies;
}

export function noTotals(): SlotTotals {
  const counted = Object.fromEntries(TOTALS.map((name) => [name, 0])) as Totals;
  return { ...counted, spawns: 0, latencies: noLatencies() };
}

export function noLatencies(): Latencies {
  return {
    kernel: new Histogram(),
    waiting: new Histogram(),
    javascript: new Histogram(),
    writing: new Histogram(),
    total: new Histogram(),
  };
}

function addToTotals(totals: SlotTotals, row: ScoreboardRow): void {
  for (const name of TOTALS) totals[name] += row.get(PLACES[name]);
  for (const stage of STAGES) totals.latencies[stage].add(row.histogram(stage));
}

/** With what the slot's present workers have counted so far: one that drains still answers. */
export function totalsWith(totals: SlotTotals, rows: readonly ScoreboardRow[]): SlotTotals {
  const sum = noTotals();
  for (const name of TOTALS) sum[name] = totals[name];
  for (const stage of STAGES) sum.latencies[stage].add(totals.latencies[stage]);
  sum.spawns = totals.spawns;
  for (const row of rows) addToTotals(sum, row);
  return sum;
}

/** What the worker counted stays with its slot. */
export function settleBoard(
  slot: { readonly totals: SlotTotals },
  worker: Pick<WorkerHandle, 'board'>,
  scoreboard: Pick<Scoreboard, 'takeBack'> | undefined,
): void {
  const { board } = worker;
  if (board === undefined) return;
  addToTotals(slot.totals, board.row);
  worker.board = undefined;
  scoreboard?.takeBack(board);
}
