/**
 * The end of a worker whose event loop stands still: nobody counts on it any more, its I/O threads answer what they can,
 * its stack is looked at (for `--harakiri-stack` seconds at most), then the kernel ends it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../config/config.js';
import { BEAT_MS, monotonicMs, type ScoreboardRow } from '../../ipc/scoreboard.js';
import { hangStack, type HangStack } from './hang-stack.js';
import { hangReason, type HangFacts } from './harakiri-record.js';
import type { MasterLog } from '../master-log.js';
import { kernelState, processMemory, type KernelState } from '../recycling/process-memory.js';
import type { WorkerHandle } from '../workers/worker-handle.js';

export interface HarakiriOptions {
  readonly config: Config;
  readonly log: Pick<MasterLog, 'harakiri'>;
  /** Its queues need neighbours from now on. */
  readonly condemned: (worker: WorkerHandle) => void;
  /** Who can go on with its connections. */
  readonly ready: () => readonly WorkerHandle[];
}

/**
 * The order in the cell CONDEMNED where nobody takes connections; another number is the descriptor of a channel, negative
 * where nobody reads from it yet.
 */
const NO_TAKER = 1;

/** What its I/O threads have to let go of their connections. */
const EVACUATION_MS = 500;
const POLL_MS = 10;

const STOPPED: HangStack = { frames: undefined, reason: 'the process is stopped' };
const NOT_ASKED: HangStack = { frames: undefined, reason: '--harakiri-stack is 0' };

export class Harakiri {
  readonly #options: HarakiriOptions;

  constructor(options: HarakiriOptions) {
    this.#options = options;
  }

  /** Resolves when SIGKILL is sent. Once for each worker; whether it was the first time. */
  async execute(worker: WorkerHandle, blockedMs: number): Promise<boolean> {
    const { board, pid } = worker;
    if (board === undefined || pid === undefined || !worker.condemn()) return false;
    const { config, log, condemned, ready } = this.#options;
    const { row } = board;
    const kernel = kernelState(pid);
    const before = lastSeen(pid, row);
    condemned(worker);
    row.set('CONDEMNED', evacuationOrder(worker, ready(), monotonicMs()));
    const [stack, evacuated] = await Promise.all([
      this.#stack(pid, kernel),
      config.threads > 1 && kernel.state !== 'T' ? evacuation(row) : undefined,
    ]);
    log.harakiri(
      worker,
      { blockedMs, kernel, stack, evacuated, ...before },
      config.harakiriVerbose,
    );
    worker.kill(hangReason({ kernel, blockedMs }));
    return true;
  }

  #stack(pid: number, { state }: KernelState): Promise<HangStack> | HangStack {
    if (state === 'T') return STOPPED;
    const limitMs = this.#options.config.harakiriStack * 1000;
    return limitMs > 0 ? hangStack(pid, limitMs) : NOT_ASKED;
  }
}

/**
 * What the I/O threads of a condemned worker are told: to answer what can be answered, and whom to give the connections
 * that are between two requests. That is the ready worker with the fewest, which gets requests that were not begun as
 * well; else whoever comes in the slot next. One whose event loop stands still too is the last choice.
 */
export function evacuationOrder(
  worker: Pick<WorkerHandle, 'slot' | 'senders'>,
  ready: readonly Pick<WorkerHandle, 'slot' | 'board'>[],
  now: number,
): number {
  const [taker] = ready
    .map((other) => ({ slot: other.slot, load: loadOf(other, now) }))
    .sort((one, other) => one.load - other.load);
  const sender = worker.senders[taker?.slot ?? worker.slot];
  if (sender === undefined) return NO_TAKER;
  return taker === undefined ? -sender : sender;
}

const SILENT_MS = 4 * BEAT_MS;

/** Connections; whose heartbeat is late comes behind all others. */
function loadOf({ board }: Pick<WorkerHandle, 'board'>, now: number): number {
  const silentMs = now - (board?.row.get('HEARTBEAT') ?? 0);
  return (board?.row.get('CONNECTIONS') ?? 0) + (silentMs > SILENT_MS ? 1e9 : 0);
}

type Seen = Omit<HangFacts, 'blockedMs' | 'kernel' | 'stack' | 'evacuated'>;

/** What the worker had to do before its I/O threads let go of it. */
function lastSeen(pid: number, row: ScoreboardRow): Seen {
  return {
    now: monotonicMs(),
    call: row.call(),
    inFlight: row.inFlight(),
    inFlightCount: row.get('IN_FLIGHT'),
    residentBytes: processMemory(pid)?.residentBytes,
    loopDelayP99Ms: row.get('LOOP_DELAY_P99'),
  };
}

/** Whether its I/O threads have nothing left in time. */
async function evacuation(row: ScoreboardRow): Promise<boolean> {
  const end = monotonicMs() + EVACUATION_MS;
  while (row.get('CONNECTIONS') > 0) {
    if (monotonicMs() >= end) return false;
    await delay(POLL_MS);
  }
  return true;
}
