/** Looks after ready workers: is the event loop alive, is it time for a successor. */
import type { Config } from '../config/config.js';
import { BEAT_MS, monotonicMs } from '../ipc/scoreboard.js';
import { kernelState, processMemory } from './process-memory.js';
import { evilReason, recycleReason, recycles, watchesMemory } from './recycling.js';
import type { WorkerHandle } from './worker-handle.js';

/** What is done about it. */
export interface WatchActions {
  /** Ready workers and those that drain. */
  readonly workers: () => readonly WorkerHandle[];
  readonly recycle: (worker: WorkerHandle, reason: string) => void;
  /** Its JavaScript has not come back for `blockedMs`; `call` is the request it runs, where that is known. */
  readonly harakiri: (worker: WorkerHandle, facts: HarakiriFacts) => void;
}

export interface HarakiriFacts {
  readonly blockedMs: number;
  readonly call: string | undefined;
  readonly inFlight: number;
  readonly kernel: ReturnType<typeof kernelState> | undefined;
}

/** Memory is read from /proc, so less often than the scoreboard. */
const TICKS_PER_MEMORY_LOOK = 4;
/** A heartbeat may be late by its period, and by what the scheduler does. */
const HEARTBEAT_SLACK_MS = 500;
/** Above this the master itself was stopped: nothing can be said about workers before they had time for a beat. */
const OWN_STALL_MS = 4 * BEAT_MS;

export function needsWatch(config: Config): boolean {
  return config.harakiri > 0 || recycles(config);
}

export class Watch {
  readonly #config: Config;
  readonly #actions: WatchActions;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #lastTick = monotonicMs();

  constructor(config: Config, actions: WatchActions) {
    this.#config = config;
    this.#actions = actions;
  }

  start(): void {
    this.#lastTick = monotonicMs();
    this.#timer = setInterval(() => this.tick(monotonicMs()), BEAT_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  tick(now: number): void {
    const stalled = now - this.#lastTick > OWN_STALL_MS;
    this.#lastTick = now;
    this.#ticks += 1;
    if (stalled) return;
    for (const worker of this.#actions.workers()) {
      this.#checkHeartbeat(worker, now);
      if (worker.state === 'ready') this.#checkAge(worker);
    }
  }

  #checkHeartbeat(worker: WorkerHandle, now: number): void {
    const row = worker.board?.row;
    const limitMs = this.#config.harakiri * 1000;
    const heartbeat = row?.get('HEARTBEAT') ?? 0;
    if (limitMs === 0 || row === undefined || heartbeat === 0 || worker.pid === undefined) return;
    const blockedMs = now - heartbeat;
    if (blockedMs < limitMs + HEARTBEAT_SLACK_MS) return;
    this.#actions.harakiri(worker, {
      blockedMs,
      call: row.call(),
      inFlight: row.get('IN_FLIGHT'),
      kernel: this.#config.harakiriVerbose ? kernelState(worker.pid) : undefined,
    });
  }

  #checkAge(worker: WorkerHandle): void {
    const { pid, readyAt, board } = worker;
    if (pid === undefined || readyAt === undefined || !recycles(this.#config)) return;
    const look = watchesMemory(this.#config) && this.#ticks % TICKS_PER_MEMORY_LOOK === 0;
    const memory = look ? processMemory(pid) : undefined;
    const evil = memory === undefined ? undefined : evilReason(this.#config, memory);
    if (evil !== undefined) {
      worker.kill(`*** EVIL RELOAD ON WORKER ${worker.workerId} ${evil} ***`);
      return;
    }
    const age = {
      workerId: worker.workerId,
      ageMs: performance.now() - readyAt,
      requests: board?.row.get('REQUESTS') ?? 0,
    };
    const reason = recycleReason(this.#config, age, memory);
    if (reason !== undefined) this.#actions.recycle(worker, reason);
  }
}
