import { queuesForSlot, type BoundQueues } from '../binding/listeners.js';
import type { BackendAddress } from '../config/backend-address.js';
import type { Config } from '../config/config.js';
import type { MasterMessage } from '../ipc/messages.js';
import type { Logger } from '../log/logger.js';
import { describeDeath, type DeathReason, type ProcessExit } from './death-reason.js';
import { MasterLog } from './master-log.js';
import { QueueService } from './queue-service.js';
import {
  recordDeath,
  respawnDelayMs,
  shouldGiveUp,
  type ThrottleOptions,
} from './respawn-throttle.js';
import { makeSlots, workerIdOf, type Slot } from './slot.js';
import { FIRST_QUEUE_FD, type SpawnWorker } from './spawn.js';
import { WorkerHandle, type WorkerObserver } from './worker-handle.js';

/** What the master wants to know of its routers. */
export interface RouterObserver {
  /** Every router accepts requests. */
  routersReady(): void;
  /** Routers die before they are ready, one after the other. */
  routersFail(reason: string): void;
  /** After an order to stop: no router is left. */
  routersGone(): void;
}

export interface RouterGroupOptions {
  readonly config: Config;
  /** The addresses of `--http`. Owned from now on: closed when the routers stop. */
  readonly queues: BoundQueues;
  readonly backends: readonly RouterBackend[];
  readonly logger: Logger;
  readonly spawn: SpawnWorker;
  /** Uniform in [0, 1); spreads the respawns. */
  readonly random: () => number;
}

/** A socket without a name that anybody else could use is known by a descriptor, which routers inherit. */
export type RouterBackend =
  BackendAddress | { readonly kind: 'fd'; readonly fd: number; readonly text: string };

/** The router processes: one in every slot, respawned like workers, drained before them. */
export class RouterGroup implements WorkerObserver {
  readonly #options: RouterGroupOptions;
  readonly #log: MasterLog;
  readonly #slots: Slot[];
  readonly #service: QueueService;
  readonly #throttle: ThrottleOptions;
  #observer: RouterObserver | undefined;
  #stopping = false;
  #stopStartedAt = 0;
  #bootDeaths = 0;

  constructor(options: RouterGroupOptions) {
    const { config } = options;
    this.#options = options;
    this.#log = new MasterLog(options.logger, 'router');
    this.#slots = makeSlots(config.httpProcesses);
    this.#service = new QueueService(options.queues.queues);
    this.#throttle = {
      delayMs: config.respawnDelay * 1000,
      maxDelayMs: config.respawnMaxDelay * 1000,
      giveUpAfter: config.respawnGiveUp,
    };
  }

  start(observer: RouterObserver): void {
    this.#observer = observer;
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

  pids(): number[] {
    return this.#routers().flatMap(({ pid }) => pid ?? []);
  }

  /** Routers take no new clients and finish their requests, within `mercyMs`. */
  drain(reason: string, mercyMs: number): void {
    this.#leave();
    for (const router of this.#routers()) router.drain(reason, mercyMs);
    this.#tellWhenEmpty();
  }

  /** Routers cut their connections and go; also out of a drain. */
  stop(reason: string, graceMs: number): void {
    this.#leave();
    for (const router of this.#routers()) router.stop(reason, graceMs);
    this.#tellWhenEmpty();
  }

  tell(message: MasterMessage): void {
    for (const router of this.#routers()) router.send(message);
  }

  logState(now: number): void {
    for (const { index, worker } of this.#slots) {
      if (worker !== undefined) this.#log.workerState(worker, now);
      else this.#log.slotEmpty(workerIdOf(index), this.#serverIds(index));
    }
  }

  ready(router: WorkerHandle, bootMs: number): void {
    this.#bootDeaths = 0;
    this.#log.workerReady(router, bootMs);
    this.#service.update(this.#routers());
    if (this.allReady) this.#observer?.routersReady();
  }

  bootFailed(router: WorkerHandle, message: string, stack: string): void {
    if (!this.#stopping) this.#log.bootFailed(router, message, stack);
  }

  leaving(router: WorkerHandle, reason: string): void {
    this.#log.workerLeaving(router, reason);
    router.orderToLeave(reason, this.#options.config.workerReloadMercy * 1000, router.slot);
    this.#service.update(this.#routers());
  }

  killed(router: WorkerHandle, reason: string): void {
    this.#log.workerKilled(router, reason);
    this.#service.update(this.#routers());
  }

  gone(router: WorkerHandle, exit: ProcessExit): void {
    const death = describeDeath(router.deathFacts(exit, 0));
    const slot = this.#slots[router.slot];
    if (slot?.worker === router) slot.worker = undefined;
    this.#service.update(this.#routers());
    if (this.#stopping || slot === undefined) {
      this.#log.workerBuried(router, death, performance.now() - this.#stopStartedAt);
      this.#tellWhenEmpty();
    } else this.#replace(slot, router, death);
  }

  #routers(): WorkerHandle[] {
    return this.#slots.map(({ worker }) => worker).filter((worker) => worker !== undefined);
  }

  #spawn(slot: Slot, again: boolean): void {
    const { config, queues, backends, spawn } = this.#options;
    const identity = { slot: slot.index, workerId: workerIdOf(slot.index) };
    const queueFds = queues.queues.map(({ fd }) => fd);
    const socketFds = backends.flatMap((backend) => (backend.kind === 'fd' ? [backend.fd] : []));
    const router = new WorkerHandle(identity, [...queueFds, ...socketFds], spawn, this);
    slot.worker = router;
    this.#log.workerSpawned(router, 1, again);
    router.start(
      {
        type: 'start',
        config,
        ...identity,
        queues: queuesForSlot(queues.queues, slot.index, (_, number) => FIRST_QUEUE_FD + number),
        listeners: queues.listeners,
        backends: inheritedBackends(backends, FIRST_QUEUE_FD + queueFds.length),
      },
      config.bootTimeout * 1000,
    );
  }

  #replace(slot: Slot, router: WorkerHandle, death: DeathReason): void {
    const readyForMs = router.readyForMs(performance.now());
    slot.record = recordDeath(slot.record, { readyForMs, crash: death.crash });
    if (readyForMs === undefined) this.#bootDeaths += 1;
    const ready = this.#routers().filter(({ state }) => state === 'ready').length;
    if (shouldGiveUp(this.#bootDeaths, ready, this.#throttle)) {
      this.#log.givingUp(this.#bootDeaths, death.reason);
      this.#observer?.routersFail('no router can be started');
      return;
    }
    const delayMs = respawnDelayMs(slot.record, this.#throttle, this.#options.random());
    this.#log.workerDied(router, death, delayMs, this.#serverIds(slot.index));
    if (delayMs === 0) this.#spawn(slot, true);
    else slot.respawn.set(delayMs, () => this.#spawn(slot, true));
  }

  /** Clients that come from now on are refused at once: the routers close their copies of the queues too. */
  #leave(): void {
    if (!this.#stopping) this.#stopStartedAt = performance.now();
    this.#stopping = true;
    for (const slot of this.#slots) slot.respawn.clear();
    this.#options.queues.close();
  }

  #tellWhenEmpty(): void {
    if (this.empty) this.#observer?.routersGone();
  }

  #serverIds(slot: number): number[] {
    return this.#service.serversOf(slot).map(workerIdOf);
  }
}

/** The backends as a router sees them whose inherited sockets start at the descriptor `first`. */
function inheritedBackends(
  backends: readonly RouterBackend[],
  first: number,
): readonly BackendAddress[] {
  let next = first;
  return backends.map((backend) => {
    if (backend.kind !== 'fd') return backend;
    const path = `/proc/self/fd/${next}`;
    next += 1;
    return { kind: 'unix', path, text: backend.text };
  });
}
