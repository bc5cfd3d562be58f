import {
  channelFds,
  inheritedFrom,
  type HandOverChannels,
} from '../../binding/hand-over-channels.js';
import { queuesForSlot, type BoundQueues } from '../../binding/bound-queues.js';
import type { BackendAddress } from '../../config/backend-address.js';
import type { Config } from '../../config/config.js';
import { changedOptions } from '../reload/changed-options.js';
import type { MasterLog } from '../master-log.js';
import { workerIdOf, type Slot } from '../workers/slot.js';
import { FIRST_QUEUE_FD, type SpawnWorker } from '../workers/spawn.js';
import { WorkerHandle, type WorkerObserver } from '../workers/worker-handle.js';

/** A socket without a name that anybody else could use is known by a descriptor, which routers inherit. */
export type RouterBackend =
  BackendAddress | { readonly kind: 'fd'; readonly fd: number; readonly text: string };

export interface RouterStarterOptions {
  /** What a reload has taken over stands in it. */
  readonly config: Config;
  readonly queues: BoundQueues;
  readonly backends: readonly RouterBackend[];
  readonly spawn: SpawnWorker;
  /** For connections that routers give to each other. */
  readonly channels: HandOverChannels;
}

/** Starts a slot's routers: what they inherit, and what they are told first. */
export class RouterStarter {
  readonly #options: RouterStarterOptions;
  readonly #log: MasterLog;
  readonly #observer: WorkerObserver;
  readonly #told = new WeakMap<WorkerHandle, Config>();

  constructor(options: RouterStarterOptions, log: MasterLog, observer: WorkerObserver) {
    this.#options = options;
    this.#log = log;
    this.#observer = observer;
  }

  /** `again`: the slot had a router before. */
  start(slot: Slot, again: boolean): WorkerHandle {
    const { config, queues, backends, spawn, channels } = this.#options;
    const identity = { slot: slot.index, workerId: workerIdOf(slot.index) };
    const queueFds = queues.queues.map(({ fd }) => fd);
    const socketFds = backends.flatMap((backend) => (backend.kind === 'fd' ? [backend.fd] : []));
    const fds = [...queueFds, ...socketFds, ...channelFds(slot.index, channels)];
    const router = new WorkerHandle(identity, fds, spawn, this.#observer);
    const firstSocket = FIRST_QUEUE_FD + queueFds.length;
    slot.totals.spawns += 1;
    this.#told.set(router, { ...config });
    this.#log.workerSpawned(router, 1, again);
    router.start(
      {
        type: 'start',
        config,
        ...identity,
        queues: queuesForSlot(queues.queues, slot.index, (_, number) => FIRST_QUEUE_FD + number),
        listeners: queues.listeners,
        backends: inheritedBackends(backends, firstSocket),
        handOver: inheritedFrom(firstSocket + socketFds.length, channels),
      },
      config.bootTimeout * 1000,
    );
    return router;
  }

  /** Whether a reload has taken over options since this router was told them. */
  isOutdated(router: WorkerHandle): boolean {
    const { config } = this.#options;
    return changedOptions(this.#told.get(router) ?? config, config).taken.length > 0;
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
