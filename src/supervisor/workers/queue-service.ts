import type { BoundQueue } from '../../binding/bound-queues.js';
import { assignmentChange, assignQueues, type Assignment, type Owners } from './neighbours.js';
import type { WorkerHandle } from './worker-handle.js';

/** Keeps every queue served: tells ready workers which queues of absent neighbours they poll. */
export class QueueService {
  readonly #owners: Owners;
  #assignment: Assignment;
  /** Slots whose worker is ready; those poll the shared queues. */
  #ready: ReadonlySet<number> = new Set();

  constructor(queues: readonly BoundQueue[]) {
    this.#owners = queues.map(({ slot }) => slot);
    this.#assignment = queues.map(() => undefined);
  }

  /** To be called at every change of the set of ready workers. */
  update(workers: Iterable<WorkerHandle>): void {
    const bySlot = new Map<number, WorkerHandle>();
    for (const worker of workers) if (worker.state === 'ready') bySlot.set(worker.slot, worker);
    const ready = new Set(bySlot.keys());
    this.#ready = ready;
    const before = this.#assignment;
    this.#assignment = assignQueues(this.#owners, ready, before);
    const change = assignmentChange(this.#owners, before, this.#assignment, ready);
    for (const [slot, queues] of change.adopt) bySlot.get(slot)?.send({ type: 'adopt', queues });
    for (const [slot, queues] of change.release) {
      bySlot.get(slot)?.send({ type: 'release', queues });
    }
  }

  /** The slot has another worker, which knows nothing of the queues that the one before adopted. */
  forget(slot: number): void {
    this.#assignment = this.#assignment.map((server, queue) =>
      server === slot && this.#owners[queue] !== slot ? undefined : server,
    );
  }

  /** Slots of the workers that take the connections of this slot; empty when nobody does. */
  serversOf(slot: number): number[] {
    const servers = new Set<number>(this.#owners.includes(undefined) ? this.#ready : []);
    this.#owners.forEach((owner, queue) => {
      const server = this.#assignment[queue];
      if (owner === slot && server !== undefined) servers.add(server);
    });
    return [...servers].sort((a, b) => a - b);
  }
}
