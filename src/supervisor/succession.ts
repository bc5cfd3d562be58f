import type { DeathReason } from './death-reason.js';
import type { MasterLog } from './master-log.js';
import type { QueueService } from './queue-service.js';
import { Replacements } from './replacements.js';
import type { Slot } from './slot.js';
import type { WorkerHandle } from './worker-handle.js';
import type { WorkerStarter } from './worker-starter.js';

/** Pause after a successor that did not boot, before the same slot is tried again. */
const RECYCLE_RETRY_MS = 10_000;

export interface SuccessionOptions {
  readonly slots: readonly Slot[];
  readonly starter: Pick<WorkerStarter, 'start'>;
  readonly service: Pick<QueueService, 'forget'>;
  readonly log: MasterLog;
  /** What an old worker has to finish its requests. */
  readonly mercyMs: number;
}

/** How workers get their successors: the next one boots beside the old one, and takes the slot when it is ready. */
export class Succession {
  readonly #options: SuccessionOptions;
  readonly #replacements = new Replacements();

  constructor(options: SuccessionOptions) {
    this.#options = options;
  }

  /** Every slot gets a new worker, one after the other. */
  reload(reason: string): void {
    for (const { index } of this.#options.slots)
      this.#replacements.ask({ slot: index, reason, reload: true });
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
    const order = this.#replacements.next((index) => slots[index]?.worker?.state === 'ready');
    const slot = slots[order?.slot ?? -1];
    if (slot !== undefined) slot.replacement = starter.start(slot, true);
  }

  /** A successor is ready: the old worker finishes what it has. Queues of absent neighbours are handed out anew. */
  succeed(worker: WorkerHandle): void {
    const { slots, service, log, mercyMs } = this.#options;
    const slot = slots[worker.slot];
    if (slot === undefined || slot.replacement !== worker) return;
    const order = this.#replacements.done();
    const old = slot.worker;
    slot.replacement = undefined;
    slot.worker = worker;
    if (old === undefined) return;
    slot.retiring.add(old);
    service.forget(slot.index);
    old.drain(order?.reason ?? 'replaced', mercyMs, true);
    if (order?.reload === true && this.#replacements.empty) log.reloaded(order.reason);
  }

  /** The old worker stays: a server that worked goes on working. */
  failed(slot: Slot, worker: WorkerHandle, death: DeathReason): void {
    const order = this.#replacements.done();
    slot.noRecycleBefore = performance.now() + RECYCLE_RETRY_MS;
    const kept = order?.reload === true ? this.#replacements.cancelReload() + 1 : 1;
    this.#options.log.successorFailed(worker, death, order, kept);
    this.next();
  }

  /** The slot's worker is gone. Whether a successor was under way already and has the slot now. */
  takeOver(slot: Slot): boolean {
    this.#replacements.forget(slot.index);
    if (slot.replacement === undefined) return false;
    this.#replacements.done();
    slot.worker = slot.replacement;
    slot.replacement = undefined;
    return true;
  }

  clear(): void {
    this.#replacements.clear();
  }
}
