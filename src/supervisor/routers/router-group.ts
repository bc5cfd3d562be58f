import type { MasterMessage } from '../../ipc/messages.js';
import type { Logger } from '../../log/logger.js';
import { describeDeath, type DeathReason, type ProcessExit } from '../workers/death-reason.js';
import { MasterLog } from '../master-log.js';
import { QueueService } from '../workers/queue-service.js';
import { Respawns } from '../workers/respawns.js';
import { RouterStarter, type RouterStarterOptions } from './router-starter.js';
import { leaveSlot, makeSlots, workerIdOf, workersOf, type Slot } from '../workers/slot.js';
import { Succession } from '../recycling/succession.js';
import type { WorkerHandle, WorkerObserver } from '../workers/worker-handle.js';

/** What the master wants to know of its routers. */
export interface RouterObserver {
  /** Every router accepts requests. */
  routersReady(): void;
  /** Routers die before they are ready, one after the other. */
  routersFail(reason: string): void;
  /** After an order to stop: no router is left. */
  routersGone(): void;
}

/** `queues` are the addresses of `--http`. Owned from now on: closed when the routers stop. */
export interface RouterGroupOptions extends RouterStarterOptions {
  readonly logger: Logger;
  /** Uniform in [0, 1); spreads the respawns. */
  readonly random: () => number;
}

/** The router processes: one in every slot, respawned and replaced like workers, drained before them. */
export class RouterGroup implements WorkerObserver {
  readonly #options: RouterGroupOptions;
  readonly #log: MasterLog;
  readonly #slots: Slot[];
  readonly #service: QueueService;
  readonly #starter: RouterStarter;
  readonly #succession: Succession;
  readonly #respawns: Respawns;
  #observer: RouterObserver | undefined;
  #stopping = false;
  #stopStartedAt = 0;

  constructor(options: RouterGroupOptions) {
    const { config } = options;
    this.#options = options;
    this.#log = new MasterLog(options.logger, 'router');
    this.#slots = makeSlots(config.httpProcesses);
    this.#service = new QueueService(options.queues.queues);
    this.#starter = new RouterStarter(options, this.#log, this);
    this.#succession = new Succession({
      slots: this.#slots,
      starter: this.#starter,
      service: this.#service,
      log: this.#log,
      config,
      atOnce: config.recycleConcurrency,
    });
    this.#respawns = new Respawns({
      ...options,
      slots: this.#slots,
      log: this.#log,
      spawn: (slot) => this.#spawn(slot, true),
      readyCount: () => this.#routers().filter(({ state }) => state === 'ready').length,
      serverIds: (slot) => this.#serverIds(slot),
      giveUp: () => this.#observer?.routersFail('no router can be started'),
    });
  }

  /** To be called first. */
  observe(observer: RouterObserver): void {
    this.#observer = observer;
  }

  start(): void {
    if (this.#stopping) return;
    for (const slot of this.#slots) this.#spawn(slot, false);
  }

  get allReady(): boolean {
    return this.#slots.every(({ worker }) => worker?.state === 'ready');
  }

  /** The places of the routers, to look at. */
  get slots(): readonly Slot[] {
    return this.#slots;
  }

  get empty(): boolean {
    return this.#routers().length === 0;
  }

  /** For the server that takes this one's place. */
  get channels(): RouterGroupOptions['channels'] {
    return this.#options.channels;
  }

  pids(): number[] {
    return this.#routers().flatMap(({ pid }) => pid ?? []);
  }

  /**
   * Options may have changed: then every router gets a successor, which goes on with the clients' connections. Returns
   * whether that is so; routers that know the options already have nothing to gain.
   */
  reload(reason: string): boolean {
    // A successor that boots has the slot in a moment, whatever the one that serves knows.
    const outdated = this.#slots
      .flatMap(({ worker, replacement }) => replacement ?? worker ?? [])
      .some((router) => this.#starter.isOutdated(router));
    if (this.#stopping || !outdated) return false;
    this.#log.routersReload(reason, this.#slots.length);
    this.#succession.reload(reason);
    return true;
  }

  /** Routers take no new clients and finish their requests, within `mercyMs`. */
  drain(reason: string, mercyMs: number): void {
    this.#end((router) => router.drain(reason, mercyMs));
  }

  /** The same, where a new master's routers, `heirs` of them, go on with the connections; without any they close. */
  handOver(reason: string, mercyMs: number, heirs: number): void {
    const takerOf = ({ slot }: WorkerHandle): number | 'nobody' =>
      heirs > 0 ? slot % heirs : 'nobody';
    this.#end((router) => router.drain(reason, mercyMs, true, takerOf(router)));
  }

  /** Routers cut their connections and go; also out of a drain. */
  stop(reason: string, graceMs: number): void {
    this.#end((router) => router.stop(reason, graceMs));
  }

  tell(message: MasterMessage): void {
    for (const router of this.#routers()) router.send(message);
  }

  logState(): void {
    this.#log.fleet(this.#slots, (slot) => this.#serverIds(slot));
  }

  ready(router: WorkerHandle, bootMs: number): void {
    this.#respawns.workerReady();
    this.#log.workerReady(router, bootMs);
    this.#succession.succeed(router);
    this.#succession.next();
    this.#service.update(this.#routers());
    if (this.allReady) this.#observer?.routersReady();
  }

  bootFailed(router: WorkerHandle, message: string, stack: string): void {
    if (!this.#stopping) this.#log.bootFailed(router, message, stack);
  }

  leaving(router: WorkerHandle, reason: string): void {
    const mercyMs = this.#options.config.workerReloadMercy * 1000;
    this.#log.workerLeaving(router, reason);
    router.orderToLeave(reason, mercyMs, this.#succession.takerFor(router));
    this.#service.update(this.#routers());
  }

  leftQueues(): void {
    this.#succession.next();
  }

  killed(router: WorkerHandle, reason: string): void {
    this.#log.workerKilled(router, reason);
    this.#service.update(this.#routers());
    this.#succession.next();
  }

  gone(router: WorkerHandle, exit: ProcessExit): void {
    const death = describeDeath(router.deathFacts(exit, 0));
    const slot = this.#slots[router.slot];
    if (slot === undefined) return;
    const place = leaveSlot(slot, router);
    this.#service.update(this.#routers());
    if (this.#stopping) this.#bury(router, death);
    else if (place === 'retired') this.#retired(slot, router, death);
    else if (place === 'replacement') this.#succession.failed(slot, router, death);
    else this.#occupantDied(slot, router, death);
  }

  /** Those that leave and those that come are among them. */
  #routers(): WorkerHandle[] {
    return this.#slots.flatMap(workersOf);
  }

  #spawn(slot: Slot, again: boolean): void {
    slot.worker = this.#starter.start(slot, again);
  }

  #bury(router: WorkerHandle, death: DeathReason): void {
    this.#log.workerBuried(router, death, performance.now() - this.#stopStartedAt);
    this.#tellWhenEmpty();
  }

  #retired(slot: Slot, router: WorkerHandle, death: DeathReason): void {
    this.#log.workerRetired(router, death, slot.worker?.state === 'ready');
    this.#succession.next();
  }

  #occupantDied(slot: Slot, router: WorkerHandle, death: DeathReason): void {
    if (this.#succession.takeOver(slot, router, death)) {
      this.#log.workerDied(router, death, 0, this.#serverIds(slot.index));
    } else this.#respawns.replace(slot, router, death);
    this.#succession.next();
  }

  /** Clients that come from now on are refused at once: the routers close their copies of the queues too. */
  #end(tell: (router: WorkerHandle) => void): void {
    if (!this.#stopping) this.#stopStartedAt = performance.now();
    this.#stopping = true;
    this.#succession.clear();
    this.#respawns.clear();
    this.#options.queues.close();
    for (const router of this.#routers()) tell(router);
    this.#tellWhenEmpty();
  }

  #tellWhenEmpty(): void {
    if (this.empty) this.#observer?.routersGone();
  }

  #serverIds(slot: number): number[] {
    return this.#service.serversOf(slot).map(workerIdOf);
  }
}
