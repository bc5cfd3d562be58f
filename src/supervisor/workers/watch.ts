/** Looks after ready workers: is the event loop alive, is it time for a successor. */
import type { Config } from '../../config/config.js';
import { BEAT_MS, monotonicMs } from '../../ipc/scoreboard.js';
import { blockLimitMs } from '../harakiri/block-limit.js';
import { processMemory } from '../recycling/process-memory.js';
import { evilReason, recycleReason, recycles, watchesMemory } from '../recycling/recycling.js';
import type { WorkerHandle } from './worker-handle.js';

/** What is done about it. */
export interface WatchActions {
  /** Ready workers and those that drain. */
  readonly workers: () => readonly WorkerHandle[];
  readonly recycle: (worker: WorkerHandle, reason: string) => void;
  /** Its event loop has stood still for so long, which is longer than it may. */
  readonly blocked: (worker: WorkerHandle, blockedMs: number) => void;
}

/** How often workers are looked at: what a client waits longer than the deadline. */
const LOOK_MS = 100;
/** Memory is read from /proc, so less often than the scoreboard. */
const LOOKS_PER_MEMORY_LOOK = 10;
/** A heartbeat may be as old as this in an event loop that turns. */
const HEARTBEAT_SLACK_MS = BEAT_MS;
/** Above this the master itself was stopped: nothing can be said about workers before they had time for a beat. */
const OWN_STALL_MS = 4 * BEAT_MS;

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
    this.#timer = setInterval(() => this.tick(monotonicMs()), LOOK_MS);
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
    const heartbeat = row?.get('HEARTBEAT') ?? 0;
    if (row === undefined || heartbeat === 0 || worker.pid === undefined) return;
    const blockedMs = now - heartbeat;
    if (blockedMs < HEARTBEAT_SLACK_MS) return;
    const limitMs = blockLimitMs(row, this.#config.harakiri * 1000);
    if (blockedMs >= limitMs + HEARTBEAT_SLACK_MS) this.#actions.blocked(worker, blockedMs);
  }

  #checkAge(worker: WorkerHandle): void {
    const { pid, readyAt, board } = worker;
    if (pid === undefined || readyAt === undefined || !recycles(this.#config)) return;
    const look = watchesMemory(this.#config) && this.#ticks % LOOKS_PER_MEMORY_LOOK === 0;
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
