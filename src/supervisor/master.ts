import { ExitCode } from '../ipc/exit-codes.js';
import type { CommandMessage, ScheduleMessage } from '../ipc/application-messages.js';
import type { MasterMessage } from '../ipc/messages.js';
import { logAllReady } from '../log/startup-facts.js';
import { BootQueue } from './workers/boot-queue.js';
import { initialWorkers } from './adaptive/cheaper-facts.js';
import { Cheaping } from './adaptive/cheaping.js';
import type { ProcessExit } from './workers/death-reason.js';
import { Departures } from './workers/departures.js';
import { FleetEnd } from './workers/fleet-end.js';
import { Harakiri } from './harakiri/harakiri.js';
import { QueueService } from './workers/queue-service.js';
import type { MasterCommand } from './commands/master-commands.js';
import type { MasterOptions } from './master-options.js';
import { performCommand, type Performer } from './commands/perform-command.js';
import { Respawns } from './workers/respawns.js';
import { makeSlots, workerIdOf, workersOf, type Slot } from './workers/slot.js';
import { MasterLog } from './master-log.js';
import type { ReloadManner } from './recycling/replacements.js';
import { Succession } from './recycling/succession.js';
import type { HeirSlots } from './reload/upgrade.js';
import { WorkerStarter } from './workers/worker-starter.js';
import { type WorkerHandle, type WorkerObserver } from './workers/worker-handle.js';

/**
 * The master: keeps one worker in every slot, every queue served, and ends all of them in order. Decisions are in
 * pure modules (lifecycle, respawn-throttle, neighbours, death-reason); this class connects them to events.
 */
export class Master implements WorkerObserver, Performer {
  readonly #options: MasterOptions;
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
  readonly #departures: Departures;
  readonly #end: FleetEnd;
  readonly #workers = (): WorkerHandle[] => this.#slots.flatMap(workersOf);
  readonly #serverIds = (slot: number): number[] => this.#service.serversOf(slot).map(workerIdOf);
  /** To be called at every change of the set of ready workers. */
  readonly #serveQueues = (): void => this.#service.update(this.#workers());
  #everReady = false;
  #announced = false;
  #paused = false;

  constructor(options: MasterOptions) {
    const { config } = options;
    const log = new MasterLog(options.logger);
    const slots = makeSlots(config.processes);
    this.#options = options;
    this.#log = log;
    this.#slots = slots;
    this.#starter = new WorkerStarter({ ...options, paused: () => this.#paused }, log, this);
    this.#service = new QueueService(options.queues.queues);
    const common = { ...options, slots, log, serverIds: this.#serverIds };
    this.#succession = new Succession({
      ...common,
      starter: this.#starter,
      service: this.#service,
      reloadEnded: options.reloaded,
      atOnce: config.recycleConcurrency,
    });
    this.#respawns = new Respawns({
      ...common,
      spawn: (slot) => this.#spawn(slot, true),
      readyCount: () => this.readyWorkers().length,
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
      ...common,
      spawn: (slot) => this.#spawn(slot, slot.totals.spawns > 0),
      withdraw: (slot) => this.#withdraw(slot),
      changed: () => this.#workersLeft(),
    });
    this.#harakiri = new Harakiri({
      config,
      log,
      condemned: this.#serveQueues,
      ready: () => this.readyWorkers(),
    });
    this.#end = new FleetEnd({
      ...common,
      workers: this.#workers,
      startNobody: () => this.#startNobody(),
    });
    this.#departures = new Departures({
      ...common,
      succession: this.#succession,
      respawns: this.#respawns,
      cheaping: this.cheaping,
      end: this.#end,
      left: this.#serveQueues,
    });
  }

  /** The exit code, when no worker is left. */
  get finished(): Promise<number> {
    return this.#end.finished;
  }

  start(): void {
    this.#log.masterSpawned();
    const { config } = this.#options;
    this.cheaping.begin(config.cheap ? 0 : initialWorkers(config));
    for (const slot of this.cheaping.active) this.#spawn(slot, false);
    this.#announceOnce();
  }

  /** Whether it stops already; then only orders to stop faster mean something. */
  get stopping(): boolean {
    return !this.#end.running;
  }

  /** New clients wait until the operator says otherwise. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Every worker was ready at one moment since the start. */
  get started(): boolean {
    return this.#announced;
  }

  /** `reason`: who gave the command, for the log. */
  perform(command: MasterCommand, reason: string): void {
    performCommand(this, command, reason);
  }

  stopGracefully(reason: string): void {
    this.#end.gracefully(reason);
  }

  stopNow(reason: string): void {
    this.#end.now(reason);
  }

  /**
   * The new master serves already, on the same sockets: what waits in queues and idle connections are for its workers.
   */
  handOver(reason: string, { workers }: HeirSlots): void {
    this.#end.handOver(reason, workers);
  }

  /**
   * New code goes live: every worker gets a successor, one after the other. A worker stops when its successor is ready,
   * so no request waits for a start.
   */
  reload(reason: string, manner: ReloadManner = 'graceful'): void {
    if (this.stopping) return;
    this.#log.reloading(reason, this.cheaping.active.length, manner);
    this.#options.reloading?.();
    this.#succession.reload(reason, manner);
  }

  /** The worker has served long enough: the next one takes its place. */
  recycle(worker: WorkerHandle, reason: string): void {
    const slot = this.#slots[worker.slot];
    if (this.stopping || slot?.worker !== worker) return;
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
    this.#succession.succeed(worker);
    this.#succession.next();
    this.#serveQueues();
    this.#announceOnce();
    this.#boots.next();
  }

  /** Before any worker was ever ready this is a failed start: it would fail again, so the server ends with the error. */
  bootFailed(worker: WorkerHandle, message: string, stack: string): void {
    if (this.stopping) return;
    this.#log.bootFailed(worker, message, stack);
    if (this.#everReady) return;
    this.#end.now('the application cannot be loaded', worker.bootExitCode ?? ExitCode.FAILED);
  }

  leaving(worker: WorkerHandle, reason: string): void {
    this.#log.workerLeaving(worker, reason);
    worker.orderToLeave(
      reason,
      this.#options.config.workerReloadMercy * 1000,
      this.#succession.takerFor(worker),
    );
    this.#serveQueues();
  }

  leftQueues(): void {
    this.#succession.next();
  }

  killed(worker: WorkerHandle, reason: string): void {
    this.#log.workerKilled(worker, reason);
    this.#serveQueues();
    this.#succession.next();
  }

  gone(worker: WorkerHandle, exit: ProcessExit): void {
    this.#departures.gone(worker, exit);
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

  #spawn(slot: Slot, again: boolean): void {
    if (!this.stopping) this.#boots.ask(slot, again);
  }

  #withdraw(slot: Slot): WorkerHandle | undefined {
    this.#boots.forget(slot);
    return this.#succession.withdraw(slot);
  }

  #workersLeft(): void {
    this.#serveQueues();
    this.#boots.next();
    this.#succession.next();
  }

  /** Toggles. Workers that boot are told too: they obey from the moment in which they would accept. */
  pause(reason: string): void {
    if (this.stopping) return;
    this.#paused = !this.#paused;
    this.#log.paused(reason, this.#paused);
    const serving = this.#workers().filter(({ state }) => state === 'booting' || state === 'ready');
    for (const worker of serving) worker.send({ type: 'hold', on: this.#paused });
  }

  revive(reason: string): void {
    if (!this.stopping) this.#log.revived(reason, this.#respawns.revive());
  }

  #giveUp(): void {
    this.#end.now('no worker can be started', ExitCode.GAVE_UP);
  }

  #startNobody(): void {
    this.#succession.clear();
    this.#respawns.clear();
    this.#boots.clear();
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

  logWorkers(): void {
    if (this.#paused) this.#log.stillPaused();
    this.#log.fleet(this.#slots, this.#serverIds);
  }

  ignored(reason: string): void {
    this.#log.commandIgnored(reason);
  }
}
