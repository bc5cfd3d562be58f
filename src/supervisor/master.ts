import { queuesForSlot, type BoundQueues } from '../binding/listeners.js';
import type { Config } from '../config/config.js';
import { ExitCode } from '../ipc/exit-codes.js';
import type { Logger } from '../log/logger.js';
import { logAllReady } from '../log/startup-facts.js';
import { describeDeath, type DeathReason, type ProcessExit } from './death-reason.js';
import { QueueService } from './queue-service.js';
import {
  recordDeath,
  respawnDelayMs,
  shouldGiveUp,
  type ThrottleOptions,
} from './respawn-throttle.js';
import { commandFor, type SignalRow } from './signals.js';
import { makeSlots, workerIdOf, type Slot } from './slot.js';
import { FIRST_QUEUE_FD, type SpawnWorker } from './spawn.js';
import { MasterLog } from './master-log.js';
import { WorkerHandle, type WorkerObserver } from './worker-handle.js';

export interface MasterOptions {
  readonly config: Config;
  /** Owned from now on: closed when the server stops. */
  readonly queues: BoundQueues;
  readonly logger: Logger;
  readonly spawn: SpawnWorker;
  /** OOM kills in our cgroup so far; undefined where the kernel does not count them. */
  readonly oomKills: () => number | undefined;
  /** Uniform in [0, 1); spreads the respawns. */
  readonly random: () => number;
  /** Once, when every worker is ready for the first time. */
  readonly allReady?: () => void;
}

type Phase = 'running' | 'draining' | 'stopping' | 'stopped';

/** Running requests are cut anyway: this is for exit handlers, and for whoever does not hear the message. */
const STOP_NOW_GRACE_MS = 1000;

/**
 * The master: keeps one worker in every slot, every queue served, and ends all of them in order. Decisions are in
 * pure modules (lifecycle, respawn-throttle, neighbours, death-reason); this class connects them to events.
 */
export class Master implements WorkerObserver {
  /** The exit code, when no worker is left. */
  readonly finished: Promise<number>;
  readonly #options: MasterOptions;
  readonly #config: Config;
  readonly #log: MasterLog;
  readonly #slots: Slot[];
  readonly #service: QueueService;
  readonly #throttle: ThrottleOptions;
  #finish: (exitCode: number) => void = () => undefined;
  #phase: Phase = 'running';
  #exitCode: number = ExitCode.OK;
  #stopStartedAt = 0;
  #everReady = false;
  #announced = false;
  #bootDeaths = 0;
  #oomKillsSeen: number;

  constructor(options: MasterOptions) {
    const { config } = options;
    this.#options = options;
    this.#config = config;
    this.#log = new MasterLog(options.logger);
    this.#slots = makeSlots(config.processes);
    this.#service = new QueueService(options.queues.queues);
    this.#throttle = {
      delayMs: config.respawnDelay * 1000,
      maxDelayMs: config.respawnMaxDelay * 1000,
      giveUpAfter: config.respawnGiveUp,
    };
    this.#oomKillsSeen = options.oomKills() ?? 0;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  start(): void {
    this.#log.masterSpawned();
    for (const slot of this.#slots) this.#spawn(slot, false);
  }

  onSignal(row: SignalRow): void {
    const command = commandFor(row, this.#phase !== 'running');
    switch (command) {
      case 'stop-gracefully': {
        this.stopGracefully(`${row.signal} received`);
        return;
      }
      case 'stop-now': {
        this.stopNow(`${row.signal} received`);
        return;
      }
      case 'refuse-reload': {
        this.#log.signalRefused(row.signal);
        return;
      }
      case 'log-workers': {
        this.#logWorkers();
        return;
      }
      case 'ignore': {
        this.#log.signalIgnored(row.signal);
        return;
      }
    }
  }

  /** Workers finish their requests, within `--worker-reload-mercy`; nobody is started any more. */
  stopGracefully(reason: string): void {
    if (this.#phase !== 'running') return;
    const mercyMs = this.#config.workerReloadMercy * 1000;
    this.#log.stopping(reason, mercyMs);
    this.#leavePhase('draining');
    for (const worker of this.#workers()) worker.drain(reason, mercyMs);
    this.#afterStopOrders();
  }

  /** Workers cut their connections and go; also out of a graceful stop. */
  stopNow(reason: string): void {
    if (this.#phase === 'stopping' || this.#phase === 'stopped') return;
    this.#log.stoppingNow(reason);
    this.#leavePhase('stopping');
    for (const worker of this.#workers()) worker.stop(reason, STOP_NOW_GRACE_MS);
    this.#afterStopOrders();
  }

  ready(worker: WorkerHandle, bootMs: number): void {
    this.#everReady = true;
    this.#bootDeaths = 0;
    this.#log.workerReady(worker, bootMs);
    this.#service.update(this.#workers());
    this.#announceOnce();
  }

  /** Before any worker was ever ready this is a failed start: it would fail again, so the server ends with the error. */
  bootFailed(worker: WorkerHandle, message: string, stack: string): void {
    if (this.#phase !== 'running') return;
    this.#log.bootFailed(worker, message, stack);
    if (this.#everReady) return;
    this.#exitCode = worker.bootExitCode ?? ExitCode.FAILED;
    this.stopNow('the application cannot be loaded');
  }

  leaving(worker: WorkerHandle, reason: string): void {
    this.#log.workerLeaving(worker, reason);
    worker.expectExit(this.#config.workerReloadMercy * 1000);
    this.#service.update(this.#workers());
  }

  killed(worker: WorkerHandle, reason: string): void {
    this.#log.workerKilled(worker, reason);
    this.#service.update(this.#workers());
  }

  gone(worker: WorkerHandle, exit: ProcessExit): void {
    const death = describeDeath(worker.deathFacts(exit, this.#newOomKills()));
    const slot = this.#slots[worker.slot];
    if (slot?.worker === worker) slot.worker = undefined;
    this.#service.update(this.#workers());
    if (this.#phase === 'running' && slot !== undefined) this.#replace(slot, worker, death);
    else this.#bury(worker, death);
  }

  /** Processes that this master started and that have not ended yet. */
  childPids(): Set<number> {
    return new Set(this.#workers().map(({ pid }) => pid ?? 0));
  }

  /** Something threw where nothing may: the workers serve on, so the master does too. */
  internalError(error: unknown): void {
    this.#log.internalError(error);
  }

  #workers(): WorkerHandle[] {
    return this.#slots.map(({ worker }) => worker).filter((worker) => worker !== undefined);
  }

  #spawn(slot: Slot, again: boolean): void {
    const identity = { slot: slot.index, workerId: workerIdOf(slot.index) };
    const { queues, listeners } = this.#options.queues;
    const fds = queues.map(({ fd }) => fd);
    const worker = new WorkerHandle(identity, fds, this.#options.spawn, this);
    slot.worker = worker;
    this.#log.workerSpawned(worker, this.#config.threads, again);
    worker.start(
      {
        type: 'start',
        config: this.#config,
        ...identity,
        queues: queuesForSlot(queues, slot.index, (_, number) => FIRST_QUEUE_FD + number),
        listeners: listeners.map(({ host, port }) => ({ host, port })),
      },
      this.#config.bootTimeout * 1000,
    );
  }

  #replace(slot: Slot, worker: WorkerHandle, death: DeathReason): void {
    const readyForMs = worker.readyForMs(performance.now());
    slot.record = recordDeath(slot.record, { readyForMs, crash: death.crash });
    if (readyForMs === undefined) this.#bootDeaths += 1;
    const readyCount = this.#workers().filter(({ state }) => state === 'ready').length;
    if (shouldGiveUp(this.#bootDeaths, readyCount, this.#throttle)) {
      this.#giveUp(death.reason);
      return;
    }
    const delayMs = respawnDelayMs(slot.record, this.#throttle, this.#options.random());
    this.#log.workerDied(worker, death, delayMs, this.#serverIds(slot.index));
    if (delayMs === 0) this.#spawn(slot, true);
    else slot.respawn.set(delayMs, () => this.#spawn(slot, true));
  }

  #giveUp(lastReason: string): void {
    this.#log.givingUp(this.#bootDeaths, lastReason);
    this.#exitCode = ExitCode.GAVE_UP;
    this.stopNow('no worker can be started');
  }

  #bury(worker: WorkerHandle, death: DeathReason): void {
    this.#log.workerBuried(worker, death, performance.now() - this.#stopStartedAt);
    this.#finishWhenEmpty();
  }

  #leavePhase(next: Phase): void {
    if (this.#phase === 'running') this.#stopStartedAt = performance.now();
    this.#phase = next;
    for (const slot of this.#slots) slot.respawn.clear();
  }

  /**
   * The workers close their copies of the queues when they drain. With ours closed too, new clients are refused at
   * once instead of waiting for nobody.
   */
  #afterStopOrders(): void {
    this.#options.queues.close();
    this.#finishWhenEmpty();
  }

  #finishWhenEmpty(): void {
    if (this.#phase === 'stopped' || this.#workers().length > 0) return;
    this.#phase = 'stopped';
    this.#log.goodbye(this.#exitCode);
    this.#finish(this.#exitCode);
  }

  #announceOnce(): void {
    const allReady = this.#slots.every(({ worker }) => worker?.state === 'ready');
    if (this.#announced || !allReady) return;
    this.#announced = true;
    logAllReady(this.#options.logger, this.#slots.length);
    this.#options.allReady?.();
  }

  /** Kills since the last look. Whichever worker dies next is taken for their victim. */
  #newOomKills(): number {
    const total = this.#options.oomKills() ?? 0;
    const fresh = total - this.#oomKillsSeen;
    this.#oomKillsSeen = total;
    return fresh;
  }

  #serverIds(slot: number): number[] {
    return this.#service.serversOf(slot).map(workerIdOf);
  }

  #logWorkers(): void {
    for (const slot of this.#slots) {
      if (slot.worker !== undefined) this.#log.workerState(slot.worker, performance.now());
      else this.#log.slotEmpty(workerIdOf(slot.index), this.#serverIds(slot.index));
    }
  }
}
