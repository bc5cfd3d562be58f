import type { BoundQueue } from '../binding/listeners.js';
import { assignmentChange, assignQueues, type Assignment } from './neighbours.js';
import type { WorkerHandle } from './worker-handle.js';

/** Keeps every queue served: tells ready workers which queues of absent neighbours they poll. */
export class QueueService {
  readonly #owners: readonly number[];
  #assignment: Assignment;

  constructor(queues: readonly BoundQueue[]) {
    this.#owners = queues.map(({ slot }) => slot);
    this.#assignment = queues.map(() => undefined);
  }

  /** To be called at every change of the set of ready workers. */
  update(workers: Iterable<WorkerHandle>): void {
    const bySlot = new Map<number, WorkerHandle>();
    for (const worker of workers) if (worker.state === 'ready') bySlot.set(worker.slot, worker);
    const ready = new Set(bySlot.keys());
    const before = this.#assignment;
    this.#assignment = assignQueues(this.#owners, ready, before);
    const change = assignmentChange(this.#owners, before, this.#assignment, ready);
    for (const [slot, queues] of change.adopt) bySlot.get(slot)?.send({ type: 'adopt', queues });
    for (const [slot, queues] of change.release) {
      bySlot.get(slot)?.send({ type: 'release', queues });
    }
  }

  /** Slots of the workers that poll queues of this slot; empty when nobody does. */
  serversOf(slot: number): number[] {
    const servers = new Set<number>();
    this.#owners.forEach((owner, queue) => {
      const server = this.#assignment[queue];
      if (owner === slot && server !== undefined) servers.add(server);
    });
    return [...servers].sort((a, b) => a - b);
  }
}
