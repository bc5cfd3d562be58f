import type { Config } from '../../config/config.js';
import type { DeathReason } from '../workers/death-reason.js';
import type { MasterLog } from '../master-log.js';
import type { QueueService } from '../workers/queue-service.js';
import {
  Replacements,
  type Reload,
  type ReloadManner,
  type ReplacementOrder,
} from './replacements.js';
import { workersOf, type Slot } from '../workers/slot.js';
import type { WorkerHandle } from '../workers/worker-handle.js';
import type { WorkerStarter } from '../workers/worker-starter.js';

/** Pause after a successor that did not boot, before the same slot is tried again. */
const RECYCLE_RETRY_MS = 10_000;

export interface SuccessionOptions {
  readonly slots: readonly Slot[];
  readonly starter: Pick<WorkerStarter, 'start'>;
  readonly service: Pick<QueueService, 'forget' | 'update'>;
  readonly log: MasterLog;
  /** What an old worker has to finish its requests; read at every replacement, for a reload may change it. */
  readonly config: Pick<Config, 'workerReloadMercy'>;
  /** Successors that may boot at the same time (`--recycle-concurrency`). */
  readonly atOnce: number;
  /** Why there is no memory for one worker more; undefined where there is. */
  readonly lackOfMemory?: (() => string | undefined) | undefined;
  /** New connections meet the new code, or the reload was given up because of `failure`. */
  readonly reloadEnded?: ((failure: string | undefined) => void) | undefined;
}

/** How workers get their successors: the next one boots beside the old one, and takes the slot when it is ready. */
export class Succession {
  readonly #options: SuccessionOptions;
  readonly #replacements: Replacements;
  /** Slots that nobody serves until the next worker is ready: the old one left first, for want of memory, or died. */
  readonly #vacant = new Set<Slot>();
  /** The last one that was asked for, while it goes on. */
  #reload: Reload | undefined;

  constructor(options: SuccessionOptions) {
    this.#options = options;
    this.#replacements = new Replacements(options.atOnce);
  }

  /** Every slot gets a new worker, one after the other. Where nobody serves now, whoever comes will be new anyway. */
  reload(reason: string, manner: ReloadManner = 'graceful'): void {
    const reload = { reason, manner, since: performance.now(), failure: undefined };
    this.#reload = reload;
    const served = this.#options.slots.filter((slot) => !slot.cheaped && slot.worker !== undefined);
    for (const { index } of served) this.#replacements.ask({ slot: index, reason, reload });
    this.next();
  }

  /** One worker has served long enough. Nothing happens where its slot waits for a successor already. */
  recycle(slot: Slot, worker: WorkerHandle, reason: string): void {
    if (performance.now() < slot.noRecycleBefore) return;
    if (!this.#replacements.ask({ slot: slot.index, reason })) return;
    this.#options.log.recycling(worker, reason);
    this.next();
  }

  /** Starts the next successor that can be started now. To be called whenever a slot's state has changed. */
  next(): void {
    const { slots, starter } = this.#options;
    this.#fillVacant();
    for (let order = this.#nextOrder(); order !== undefined; order = this.#nextOrder()) {
      const slot = slots[order.slot];
      const lack = this.#options.lackOfMemory?.();
      if (slot === undefined) continue;
      if (lack === undefined) slot.replacement = starter.start(slot, true);
      else this.#vacate(slot, order, lack);
    }
    this.#endReload();
  }

  /** A successor is ready: the old worker finishes what it has. Queues of absent neighbours are handed out anew. */
  succeed(worker: WorkerHandle): void {
    const { slots, service } = this.#options;
    const slot = slots[worker.slot];
    if (slot === undefined) return;
    if (this.#vacant.delete(slot)) this.#replacements.done(slot.index);
    if (slot.replacement !== worker) return;
    const order = this.#replacements.done(worker.slot);
    const old = slot.worker;
    slot.replacement = undefined;
    slot.worker = worker;
    if (old === undefined) return;
    slot.retiring.add(old);
    service.forget(slot.index);
    this.#leave(old, order);
  }

  /** Slot of the worker that gets the connections of one that leaves: its successor, a neighbour, or whoever is next. */
  takerFor(worker: WorkerHandle): number {
    const { slots } = this.#options;
    const ready = (slot: Slot): boolean => slot.worker !== worker && slot.worker?.state === 'ready';
    const own = slots[worker.slot];
    if (own === undefined || ready(own)) return worker.slot;
    const behind = [...slots.slice(worker.slot + 1), ...slots.slice(0, worker.slot)];
    return behind.find(ready)?.index ?? worker.slot;
  }

  /** The old worker stays: a server that worked goes on working. */
  failed(slot: Slot, worker: WorkerHandle, death: DeathReason): void {
    const order = this.#replacements.done(slot.index);
    slot.noRecycleBefore = performance.now() + RECYCLE_RETRY_MS;
    const others = this.#giveUp(order?.reload, death);
    this.#options.log.successorFailed(worker, death, order?.reload !== undefined, others + 1);
    this.next();
  }

  /** The slot's worker is gone. Whether a successor was under way already and has the slot now. */
  takeOver(slot: Slot, worker: WorkerHandle, death: DeathReason): boolean {
    if (slot.replacement === undefined) {
      this.#lost(slot, worker, death);
      return false;
    }
    slot.worker = slot.replacement;
    slot.replacement = undefined;
    this.#vacant.add(slot);
    return true;
  }

  /** The slot stays empty. Returns the successor that boots there; it is none any more. */
  withdraw(slot: Slot): WorkerHandle | undefined {
    const { replacement } = slot;
    this.#replacements.forget(slot.index);
    this.#replacements.done(slot.index);
    this.#vacant.delete(slot);
    slot.replacement = undefined;
    return replacement;
  }

  clear(): void {
    this.#replacements.clear();
    this.#vacant.clear();
    this.#reload = undefined;
  }

  /** Nobody is there any more. Where an order was under way in the slot, the worker was the successor. */
  #lost(slot: Slot, worker: WorkerHandle, death: DeathReason): void {
    this.#replacements.forget(slot.index);
    this.#vacant.delete(slot);
    const reload = this.#replacements.done(slot.index)?.reload ?? this.#testedBy(worker);
    if (reload === undefined) return;
    this.#options.log.successorFailed(worker, death, true, this.#giveUp(reload, death));
  }

  /** The reload whose code a worker could not load that was started to replace a dead one. */
  #testedBy({ readyAt, spawnedAt }: WorkerHandle): Reload | undefined {
    const reload = this.#reload;
    const began = reload !== undefined && spawnedAt >= reload.since;
    return began && readyAt === undefined ? reload : undefined;
  }

  /** Returns how many workers were to get successors yet. */
  #giveUp(reload: Reload | undefined, { reason }: DeathReason): number {
    if (reload === undefined) return 0;
    reload.failure ??= reason;
    return this.#replacements.cancel(reload);
  }

  /** A reload is complete when new connections meet the new code; old workers' requests may take longer. */
  #endReload(): void {
    const { log, reloadEnded } = this.#options;
    const reload = this.#reload;
    if (reload === undefined || this.#replacements.serves(reload)) return;
    if (reload.failure === undefined && !this.#onlyNewOnesAccept()) return;
    this.#reload = undefined;
    if (reload.failure === undefined) log.reloaded(reload.reason, reload.manner);
    reloadEnded?.(reload.failure);
  }

  #onlyNewOnesAccept(): boolean {
    return this.#options.slots.every(({ cheaped, worker, retiring }) => {
      const served = cheaped || worker?.state === 'ready';
      return served && ![...retiring].some(({ accepts }) => accepts);
    });
  }

  #nextOrder(): ReplacementOrder | undefined {
    const { slots } = this.#options;
    const retiring = slots.some((slot) => slot.retiring.size > 0);
    return this.#replacements.next((slot, { reload }) => {
      if (reload?.manner === 'chain' && retiring) return false;
      return slots[slot]?.worker?.state === 'ready';
    });
  }

  /** The worker goes first. Neighbours serve its queues and go on with its connections. */
  #vacate(slot: Slot, order: ReplacementOrder, lack: string): void {
    const { slots, service, log } = this.#options;
    const old = slot.worker;
    if (old === undefined) return;
    const handTo = this.takerFor(old);
    log.goesFirst(old, lack, handTo === old.slot);
    slot.worker = undefined;
    slot.retiring.add(old);
    this.#vacant.add(slot);
    this.#leave(old, order, handTo);
    service.update(slots.flatMap(workersOf));
  }

  #fillVacant(): void {
    for (const slot of this.#vacant) {
      const empty = slot.worker === undefined && slot.retiring.size === 0 && !slot.cheaped;
      if (empty) slot.worker = this.#options.starter.start(slot, true);
    }
  }

  #leave(old: WorkerHandle, order: ReplacementOrder | undefined, handTo = old.slot): void {
    const reason = order?.reason ?? 'replaced';
    const mercyMs = this.#options.config.workerReloadMercy * 1000;
    if (order?.reload?.manner === 'brutal') old.drainBrutally(reason, handTo);
    else old.drain(reason, mercyMs, true, handTo);
  }
}
