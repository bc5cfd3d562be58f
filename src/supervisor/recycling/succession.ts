import type { Config } from '../../config/config.js';
import type { DeathReason } from '../workers/death-reason.js';
import type { MasterLog } from '../master-log.js';
import type { QueueService } from '../workers/queue-service.js';
import { Replacements, type ReplacementOrder } from './replacements.js';
import { workersOf, type Slot } from '../workers/slot.js';
import type { WorkerHandle } from '../workers/worker-handle.js';
import type { WorkerStarter } from '../workers/worker-starter.js';

/**
 * graceful: old workers finish their requests; brutal: they are cut, the successors being ready; chain: as graceful, and
 * the next slot waits until the old worker of the one before is gone.
 */
export type ReloadManner = 'graceful' | 'brutal' | 'chain';

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
  /** Nothing waits for a reload any more: it is complete, or was given up because of `failure`. */
  readonly reloadEnded?: ((failure: string | undefined) => void) | undefined;
}

/** How workers get their successors: the next one boots beside the old one, and takes the slot when it is ready. */
export class Succession {
  readonly #options: SuccessionOptions;
  readonly #replacements: Replacements;
  /** Slots whose worker leaves before the next one starts: there is no memory for both. */
  readonly #vacated = new Map<Slot, ReplacementOrder>();
  #reloads = false;
  /** Why the reload that goes on was given up. */
  #failure: string | undefined;

  constructor(options: SuccessionOptions) {
    this.#options = options;
    this.#replacements = new Replacements(options.atOnce);
  }

  /** Every slot gets a new worker, one after the other. */
  reload(reason: string, manner: ReloadManner = 'graceful'): void {
    this.#reloads = true;
    this.#failure = undefined;
    for (const { index } of this.#options.slots.filter((slot) => !slot.cheaped))
      this.#replacements.ask({ slot: index, reason, reload: true, manner });
    this.next();
  }

  /** One worker has served long enough. Nothing happens where its slot waits for a successor already. */
  recycle(slot: Slot, worker: WorkerHandle, reason: string): void {
    if (performance.now() < slot.noRecycleBefore) return;
    if (!this.#replacements.ask({ slot: slot.index, reason, reload: false })) return;
    this.#options.log.recycling(worker, reason);
    this.next();
  }

  /** Starts the next successor that can be started now. To be called whenever a slot's state has changed. */
  next(): void {
    const { slots, starter } = this.#options;
    this.#fillVacated();
    for (let order = this.#nextOrder(); order !== undefined; order = this.#nextOrder()) {
      const slot = slots[order.slot];
      const lack = this.#options.lackOfMemory?.();
      if (slot === undefined) continue;
      if (lack === undefined) slot.replacement = starter.start(slot, true);
      else this.#vacate(slot, order, lack);
    }
    if (!this.#reloads || this.#replacements.reloads) return;
    this.#reloads = false;
    this.#options.reloadEnded?.(this.#failure);
  }

  /** A successor is ready: the old worker finishes what it has. Queues of absent neighbours are handed out anew. */
  succeed(worker: WorkerHandle): void {
    const { slots, service, log } = this.#options;
    const slot = slots[worker.slot];
    if (slot === undefined) return;
    if (this.#vacated.has(slot)) this.#complete(slot);
    if (slot.replacement !== worker) return;
    const order = this.#replacements.done(worker.slot);
    const old = slot.worker;
    slot.replacement = undefined;
    slot.worker = worker;
    if (old === undefined) return;
    slot.retiring.add(old);
    service.forget(slot.index);
    this.#leave(old, order);
    if (order?.reload === true && this.#replacements.empty)
      log.reloaded(order.reason, order.manner);
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
    if (order?.reload === true) this.#failure = death.reason;
    const kept = order?.reload === true ? this.#replacements.cancelReload() + 1 : 1;
    this.#options.log.successorFailed(worker, death, order, kept);
    this.next();
  }

  /** The slot's worker is gone. Whether a successor was under way already and has the slot now. */
  takeOver(slot: Slot): boolean {
    this.#replacements.forget(slot.index);
    this.#replacements.done(slot.index);
    this.#vacated.delete(slot);
    if (slot.replacement === undefined) return false;
    slot.worker = slot.replacement;
    slot.replacement = undefined;
    return true;
  }

  /** The slot stays empty. Returns the successor that boots there; it is none any more. */
  withdraw(slot: Slot): WorkerHandle | undefined {
    const { replacement } = slot;
    this.#replacements.forget(slot.index);
    this.#replacements.done(slot.index);
    this.#vacated.delete(slot);
    slot.replacement = undefined;
    return replacement;
  }

  clear(): void {
    this.#replacements.clear();
    this.#vacated.clear();
  }

  #nextOrder(): ReplacementOrder | undefined {
    const { slots } = this.#options;
    const retiring = slots.some((slot) => slot.retiring.size > 0);
    return this.#replacements.next((slot, { manner }) => {
      if (manner === 'chain' && retiring) return false;
      return slots[slot]?.worker?.state === 'ready';
    });
  }

  /** The worker goes first. Neighbours serve its queues and go on with its connections. */
  #vacate(slot: Slot, order: ReplacementOrder, lack: string): void {
    const { slots, service, log } = this.#options;
    const old = slot.worker;
    if (old === undefined) return;
    const handTo = this.takerFor(old);
    log.goesFirst(old, lack);
    slot.worker = undefined;
    slot.retiring.add(old);
    this.#vacated.set(slot, order);
    this.#leave(old, order, handTo);
    service.update(slots.flatMap(workersOf));
  }

  #fillVacated(): void {
    for (const slot of this.#vacated.keys()) {
      const empty = slot.worker === undefined && slot.retiring.size === 0 && !slot.cheaped;
      if (empty) slot.worker = this.#options.starter.start(slot, true);
    }
  }

  /** The next worker of a slot that was empty meanwhile is ready. */
  #complete(slot: Slot): void {
    this.#vacated.delete(slot);
    const order = this.#replacements.done(slot.index);
    if (order?.reload === true && this.#replacements.empty)
      this.#options.log.reloaded(order.reason, order.manner);
  }

  #leave(old: WorkerHandle, order: ReplacementOrder | undefined, handTo = old.slot): void {
    const reason = order?.reason ?? 'replaced';
    const mercyMs = this.#options.config.workerReloadMercy * 1000;
    if (order?.manner === 'brutal') old.drainBrutally(reason, handTo);
    else old.drain(reason, mercyMs, true, handTo);
  }
}
