import type { BoundQueues } from '../binding/listeners.js';
import type { Config } from '../config/config.js';
import { ExitCode } from '../ipc/exit-codes.js';
import type { MasterMessage } from '../ipc/messages.js';
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
import type { Scoreboard } from './scoreboard.js';
import { addToTotals, leaveSlot, makeSlots, workerIdOf, workersOf, type Slot } from './slot.js';
import type { SpawnWorker } from './spawn.js';
import { MasterLog } from './master-log.js';
import type { HarakiriFacts } from './watch.js';
import { Succession } from './succession.js';
import { WorkerStarter } from './worker-starter.js';
import { type WorkerHandle, type WorkerObserver } from './worker-handle.js';

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
  /** Where workers tell what they do; none where nobody reads it. */
  readonly scoreboard?: Scoreboard | undefined;
  /** Whether request lines have a way of their own to the master. */
  readonly requestLog?: boolean;
  /** A graceful reload begins: log files may be opened anew. */
  readonly reloading?: () => void;
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
  readonly #succession: Succession;
  readonly #starter: WorkerStarter;
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
    this.#starter = new WorkerStarter(options, this.#log, this);
    this.#service = new QueueService(options.queues.queues);
    this.#succession = new Succession({
      slots: this.#slots,
      starter: this.#starter,
      service: this.#service,
      log: this.#log,
      mercyMs: config.workerReloadMercy * 1000,
    });
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
      case 'reload': {
        this.reload(`${row.signal} received`);
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

  /**
   * Workers finish their requests, within `--worker-reload-mercy`; nobody is started any more. The workers close their
   * copies of the queues when they drain. With ours closed, and the files of UNIX sockets removed, before they are told,
   * new clients are refused at once instead of waiting for nobody.
   */
  stopGracefully(reason: string): void {
    if (this.#phase !== 'running') return;
    const mercyMs = this.#config.workerReloadMercy * 1000;
    this.#log.stopping(reason, mercyMs);
    this.#leavePhase('draining');
    this.#options.queues.close();
    for (const worker of this.#workers()) worker.drain(reason, mercyMs);
    this.#finishWhenEmpty();
  }

  /** Workers cut their connections and go; also out of a graceful stop. */
  stopNow(reason: string): void {
    if (this.#phase === 'stopping' || this.#phase === 'stopped') return;
    this.#log.stoppingNow(reason);
    this.#leavePhase('stopping');
    this.#options.queues.close();
    for (const worker of this.#workers()) worker.stop(reason, STOP_NOW_GRACE_MS);
    this.#finishWhenEmpty();
  }

  /**
   * New code goes live: every worker gets a successor, one after the other. A worker stops when its successor is ready,
   * so no request waits for a start.
   */
  reload(reason: string): void {
    if (this.#phase !== 'running') return;
    this.#log.reloading(reason, this.#slots.length);
    this.#options.reloading?.();
    this.#succession.reload(reason);
  }

  /** The worker has served long enough: the next one takes its place. */
  recycle(worker: WorkerHandle, reason: string): void {
    const slot = this.#slots[worker.slot];
    if (this.#phase !== 'running' || slot?.worker !== worker) return;
    this.#succession.recycle(slot, worker, reason);
  }

  /** Its JavaScript is blocked: only the kernel can end it. */
  harakiri(worker: WorkerHandle, facts: HarakiriFacts): void {
    const slot = this.#slots[worker.slot];
    if (slot === undefined || worker.state === 'killed') return;
    slot.totals.harakiri += 1;
    this.#log.harakiri(worker, facts);
    worker.kill(
      `harakiri: its JavaScript was blocked for ${(facts.blockedMs / 1000).toFixed(1)} s`,
    );
  }

  tellWorkers(message: MasterMessage): void {
    for (const worker of this.#workers()) worker.send(message);
  }

  /** The places of the workers, to look at. */
  get slots(): readonly Slot[] {
    return this.#slots;
  }

  ready(worker: WorkerHandle, bootMs: number): void {
    this.#everReady = true;
    this.#bootDeaths = 0;
    this.#log.workerReady(worker, bootMs);
    this.#succession.succeed(worker);
    this.#succession.next();
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
    if (slot === undefined) return;
    this.#takeBoard(slot, worker);
    const place = leaveSlot(slot, worker);
    this.#service.update(this.#workers());
    if (this.#phase !== 'running') this.#bury(worker, death);
    else if (place === 'retired') this.#log.workerRetired(worker, death);
    else if (place === 'replacement') this.#succession.failed(slot, worker, death);
    else this.#occupantDied(slot, worker, death);
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
    return this.#slots.flatMap(workersOf);
  }

  #spawn(slot: Slot, again: boolean): void {
    slot.worker = this.#starter.start(slot, again);
  }

  /** What the worker counted stays with its slot. */
  #takeBoard(slot: Slot, worker: WorkerHandle): void {
    const { board } = worker;
    if (board === undefined) return;
    addToTotals(slot.totals, board.row);
    worker.board = undefined;
    this.#options.scoreboard?.takeBack(board);
  }

  #occupantDied(slot: Slot, worker: WorkerHandle, death: DeathReason): void {
    if (this.#succession.takeOver(slot)) {
      this.#log.workerDied(worker, death, 0, this.#serverIds(slot.index));
    } else {
      this.#replace(slot, worker, death);
    }
    this.#succession.next();
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
    this.#succession.clear();
    for (const slot of this.#slots) slot.respawn.clear();
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
