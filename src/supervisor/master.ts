import type { Config } from '../config/config.js';
import { ExitCode } from '../ipc/exit-codes.js';
import type { CommandMessage, ScheduleMessage } from '../ipc/application-messages.js';
import type { MasterMessage } from '../ipc/messages.js';
import { logAllReady } from '../log/startup-facts.js';
import { BootQueue } from './boot-queue.js';
import { initialWorkers } from './cheaper-facts.js';
import { Cheaping } from './cheaping.js';
import { describeDeath, type DeathReason, type ProcessExit } from './death-reason.js';
import { Harakiri } from './harakiri.js';
import { QueueService } from './queue-service.js';
import type { MasterCommand } from './master-commands.js';
import type { MasterOptions } from './master-options.js';
import { OomKillCount } from './oom-kills.js';
import { performCommand, type Performer } from './perform-command.js';
import { Respawns } from './respawns.js';
import { leaveSlot, makeSlots, workerIdOf, workersOf, type Slot } from './slot.js';
import { settleBoard } from './slot-totals.js';
import { MasterLog } from './master-log.js';
import { Succession, type ReloadManner } from './succession.js';
import type { HeirSlots } from './upgrade.js';
import { WorkerStarter } from './worker-starter.js';
import { type WorkerHandle, type WorkerObserver } from './worker-handle.js';

type Phase = 'running' | 'draining' | 'stopping' | 'stopped';

/** Running requests are cut anyway: this is for exit handlers, and for whoever does not hear the message. */
const STOP_NOW_GRACE_MS = 1000;

/**
 * The master: keeps one worker in every slot, every queue served, and ends all of them in order. Decisions are in
 * pure modules (lifecycle, respawn-throttle, neighbours, death-reason); this class connects them to events.
 */
export class Master implements WorkerObserver, Performer {
  /** The exit code, when no worker is left. */
  readonly finished: Promise<number>;
  readonly #options: MasterOptions;
  readonly #config: Config;
  readonly #log: MasterLog;
  readonly #slots: Slot[];
  readonly #service: QueueService;
  readonly #succession: Succession;
  readonly #starter: WorkerStarter;
  readonly #respawns: Respawns;
  readonly #boots: BootQueue;
  /** Which slots are empty on purpose. */
  readonly cheaping: Cheaping;
  readonly #harakiri: Harakiri;
  readonly #oomKills: OomKillCount;
  #finish: (exitCode: number) => void = () => undefined;
  #phase: Phase = 'running';
  #exitCode: number = ExitCode.OK;
  #stopStartedAt = 0;
  #everReady = false;
  #announced = false;
  #paused = false;

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
      reloadEnded: options.reloaded,
      mercyMs: config.workerReloadMercy * 1000,
      atOnce: config.recycleConcurrency,
      lackOfMemory: options.lackOfMemory,
    });
    this.#respawns = new Respawns({
      ...options,
      slots: this.#slots,
      log: this.#log,
      spawn: (slot) => this.#spawn(slot, true),
      readyCount: () => this.readyWorkers().length,
      serverIds: (slot) => this.#serverIds(slot),
      giveUp: () => this.#giveUp(),
    });
    this.#boots = new BootQueue({
      limit: config.bootConcurrency,
      booting: () => this.#workers().filter(({ state }) => state === 'booting').length,
      start: (slot, again) => {
        slot.worker = this.#starter.start(slot, again);
      },
    });
    this.cheaping = new Cheaping({
      slots: this.#slots,
      log: this.#log,
      mercyMs: config.workerReloadMercy * 1000,
      spawn: (slot) => this.#spawn(slot, slot.totals.spawns > 0),
      withdraw: (slot) => this.#withdraw(slot),
      changed: () => this.#workersLeft(),
    });
    this.#harakiri = new Harakiri({
      config,
      log: this.#log,
      condemned: () => this.#service.update(this.#workers()),
      ready: () => this.readyWorkers(),
    });
    this.#oomKills = new OomKillCount(options.oomKills);
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  start(): void {
    this.#log.masterSpawned();
    this.cheaping.begin(this.#config.cheap ? 0 : initialWorkers(this.#config));
    for (const slot of this.cheaping.active) this.#spawn(slot, false);
    this.#announceOnce();
  }

  /** Whether it stops already; then only orders to stop faster mean something. */
  get stopping(): boolean {
    return this.#phase !== 'running';
  }

  /** Every worker was ready at one moment since the start. */
  get started(): boolean {
    return this.#announced;
  }

  /** `reason`: who gave the command, for the log. */
  perform(command: MasterCommand, reason: string): void {
    performCommand(this, command, reason);
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
    this.#end('draining', (worker) => worker.drain(reason, mercyMs));
  }

  /** Workers cut their connections and go; also out of a graceful stop. */
  stopNow(reason: string): void {
    if (this.#phase === 'stopping' || this.#phase === 'stopped') return;
    this.#log.stoppingNow(reason);
    this.#end('stopping', (worker) => worker.stop(reason, STOP_NOW_GRACE_MS));
  }

  /**
   * The new master serves already, on the same sockets: what waits in queues and idle connections are for its workers.
   */
  handOver(reason: string, { workers }: HeirSlots): void {
    if (this.#phase !== 'running') return;
    const mercyMs = this.#config.workerReloadMercy * 1000;
    this.#log.handingOver(reason, mercyMs);
    this.#end('draining', (worker) => worker.drain(reason, mercyMs, true, worker.slot % workers));
  }

  /**
   * New code goes live: every worker gets a successor, one after the other. A worker stops when its successor is ready,
   * so no request waits for a start.
   */
  reload(reason: string, manner: ReloadManner = 'graceful'): void {
    if (this.#phase !== 'running') return;
    this.#log.reloading(reason, this.cheaping.active.length, manner);
    this.#options.reloading?.();
    if (this.cheaping.active.length === 0) this.#log.reloaded(reason);
    else this.#succession.reload(reason, manner);
  }

  /** The worker has served long enough: the next one takes its place. */
  recycle(worker: WorkerHandle, reason: string): void {
    const slot = this.#slots[worker.slot];
    if (this.#phase !== 'running' || slot?.worker !== worker) return;
    this.#succession.recycle(slot, worker, reason);
  }

  /** Its event loop stands still: only the kernel can end it. */
  blocked(worker: WorkerHandle, blockedMs: number): void {
    const slot = this.#slots[worker.slot];
    if (slot === undefined || worker.condemned) return;
    slot.totals.harakiri += 1;
    this.#harakiri
      .execute(worker, blockedMs)
      .catch((error: unknown) => this.#log.internalError(error));
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
    this.#respawns.workerReady();
    this.#log.workerReady(worker, bootMs);
    if (this.#paused) worker.send({ type: 'hold', on: true });
    this.#succession.succeed(worker);
    this.#succession.next();
    this.#service.update(this.#workers());
    this.#announceOnce();
    this.#boots.next();
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
    worker.orderToLeave(
      reason,
      this.#config.workerReloadMercy * 1000,
      this.#succession.takerFor(worker),
    );
    this.#service.update(this.#workers());
  }

  killed(worker: WorkerHandle, reason: string): void {
    this.#log.workerKilled(worker, reason);
    this.#service.update(this.#workers());
  }

  gone(worker: WorkerHandle, exit: ProcessExit): void {
    const death = describeDeath(worker.deathFacts(exit, this.#oomKills.fresh()));
    const slot = this.#slots[worker.slot];
    if (slot === undefined) return;
    this.#options.applications?.gone(worker);
    settleBoard(slot, worker, this.#options.scoreboard);
    const place = leaveSlot(slot, worker);
    this.#service.update(this.#workers());
    if (this.#phase !== 'running') this.#bury(worker, death);
    else if (place === 'retired') this.#retired(worker, death);
    else if (place === 'replacement') this.#succession.failed(slot, worker, death);
    else this.#occupantDied(slot, worker, death);
    this.#boots.next();
  }

  hear(worker: WorkerHandle, message: CommandMessage | ScheduleMessage): void {
    this.#options.applications?.hear(worker, message);
  }

  readyWorkers(): WorkerHandle[] {
    return this.#workers().filter(({ state }) => state === 'ready');
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
    if (this.#phase === 'running') this.#boots.ask(slot, again);
  }

  #withdraw(slot: Slot): WorkerHandle | undefined {
    this.#boots.forget(slot);
    return this.#succession.withdraw(slot);
  }

  #workersLeft(): void {
    this.#service.update(this.#workers());
    this.#boots.next();
    this.#succession.next();
  }

  /** The next of a chain reload has waited for this. */
  #retired(worker: WorkerHandle, death: DeathReason): void {
    if (this.cheaping.leaves(worker)) this.#log.workerCheaped(worker, death);
    else this.#log.workerRetired(worker, death);
    this.#succession.next();
  }

  #occupantDied(slot: Slot, worker: WorkerHandle, death: DeathReason): void {
    if (this.#succession.takeOver(slot)) {
      this.#log.workerDied(worker, death, 0, this.#serverIds(slot.index));
    } else {
      this.#respawns.replace(slot, worker, death);
    }
    this.#succession.next();
  }

  /** Toggles; workers that become ready meanwhile are told too. */
  pause(reason: string): void {
    if (this.#phase !== 'running') return;
    this.#paused = !this.#paused;
    this.#log.paused(reason, this.#paused);
    for (const worker of this.readyWorkers()) worker.send({ type: 'hold', on: this.#paused });
  }

  revive(reason: string): void {
    if (this.#phase === 'running') this.#log.revived(reason, this.#respawns.revive());
  }

  #giveUp(): void {
    this.#exitCode = ExitCode.GAVE_UP;
    this.stopNow('no worker can be started');
  }

  #bury(worker: WorkerHandle, death: DeathReason): void {
    this.#log.workerBuried(worker, death, performance.now() - this.#stopStartedAt);
    this.#finishWhenEmpty();
  }

  /** Nobody is started any more, and every worker is told. */
  #end(phase: Phase, tell: (worker: WorkerHandle) => void): void {
    if (this.#phase === 'running') this.#stopStartedAt = performance.now();
    this.#phase = phase;
    this.#succession.clear();
    this.#respawns.clear();
    this.#boots.clear();
    this.#options.queues.close();
    for (const worker of this.#workers()) tell(worker);
    this.#finishWhenEmpty();
  }

  #finishWhenEmpty(): void {
    if (this.#phase === 'stopped' || this.#workers().length > 0) return;
    this.#phase = 'stopped';
    this.#log.goodbye(this.#exitCode);
    this.#finish(this.#exitCode);
  }

  #announceOnce(): void {
    const { active } = this.cheaping;
    const allReady = active.every(({ worker }) => worker?.state === 'ready');
    if (this.#announced || !allReady) return;
    this.#announced = true;
    // Whoever waits for the line finds all that belongs to a server that is ready, its pidfile for one.
    this.#options.allReady?.();
    if (active.length > 0) logAllReady(this.#options.logger, active.length);
  }

  #serverIds(slot: number): number[] {
    return this.#service.serversOf(slot).map(workerIdOf);
  }

  logWorkers(): void {
    this.#log.fleet(this.#slots, (slot) => this.#serverIds(slot));
  }

  ignored(reason: string): void {
    this.#log.commandIgnored(reason);
  }
}
