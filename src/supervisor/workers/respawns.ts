/** What follows the death of a worker, or of a router, while the server runs: the next one, at once or after a pause, or the end of the server. */
import type { DeathReason } from './death-reason.js';
import type { MasterLog } from '../master-log.js';
import {
  NO_DEATHS,
  recordDeath,
  respawnDelayMs,
  shouldGiveUp,
  throttleOf,
  type ThrottleConfig,
} from './respawn-throttle.js';
import type { Slot } from './slot.js';
import type { WorkerHandle } from './worker-handle.js';

export interface RespawnOptions {
  readonly config: ThrottleConfig;
  readonly slots: readonly Slot[];
  readonly log: MasterLog;
  /** Uniform in [0, 1); spreads the respawns. */
  readonly random: () => number;
  readonly spawn: (slot: Slot) => void;
  readonly readyCount: () => number;
  /** Ids of the workers that take the connections of a slot meanwhile. */
  readonly serverIds: (slot: number) => readonly number[];
  readonly giveUp: () => void;
}

export class Respawns {
  readonly #options: RespawnOptions;
  #bootDeaths = 0;

  constructor(options: RespawnOptions) {
    this.#options = options;
  }

  /** A worker is ready: those that die from now on are counted anew. */
  workerReady(): void {
    this.#bootDeaths = 0;
  }

  /** The slot is empty: decides when its next worker starts. */
  replace(slot: Slot, worker: WorkerHandle, death: DeathReason): void {
    const { config, log, random, readyCount, serverIds, giveUp } = this.#options;
    const throttle = throttleOf(config);
    const readyForMs = worker.readyForMs(performance.now());
    slot.record = recordDeath(slot.record, { readyForMs, crash: death.crash });
    if (readyForMs === undefined) this.#bootDeaths += 1;
    if (shouldGiveUp(this.#bootDeaths, readyCount(), throttle)) {
      log.givingUp(this.#bootDeaths, death.reason);
      giveUp();
      return;
    }
    const delayMs = respawnDelayMs(slot.record, throttle, random());
    log.workerDied(worker, death, delayMs, serverIds(slot.index));
    if (delayMs === 0) this.#options.spawn(slot);
    else slot.respawn.set(delayMs, () => this.#options.spawn(slot));
  }

  /** Somebody has removed the cause: nobody waits any longer. Returns how many workers start now. */
  revive(): number {
    this.#bootDeaths = 0;
    let started = 0;
    for (const slot of this.#options.slots) {
      slot.record = NO_DEATHS;
      if (!slot.respawn.running) continue;
      slot.respawn.clear();
      this.#options.spawn(slot);
      started += 1;
    }
    return started;
  }

  clear(): void {
    for (const { respawn } of this.#options.slots) respawn.clear();
  }
}
