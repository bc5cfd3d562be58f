/**
 * Binds the listening sockets: one SO_REUSEPORT queue per (worker slot × I/O loop × address). Used by the master,
 * which keeps every queue for its whole life, and by a worker that runs alone.
 */
import type { SocketAddress } from '../config/address.js';
import { listenError } from './listen-error.js';
import type { BoundListener, NativeAddon } from './native.js';
import { resolveAddresses } from './resolve-addresses.js';

/** An address as it was bound: numeric host, real port. Every queue of the address shares it. */
export interface ListenerAddress {
  readonly host: string;
  readonly port: number;
}

export interface BoundQueue {
  readonly fd: number;
  /** Worker slot that accepts from it while its worker is ready. */
  readonly slot: number;
  /** I/O loop of that worker. */
  readonly loop: number;
  /** Index into `listeners`. */
  readonly listener: number;
}

/** A queue as one worker sees it; its number is the index in the list of all queues, the same in every worker. */
export interface WorkerQueue extends BoundQueue {
  /** Whether it belongs to this worker's slot. */
  readonly own: boolean;
}

export interface ListenerFacts extends ListenerAddress {
  /** As the option was written. */
  readonly text: string;
  /** Port 0 was asked for. */
  readonly autoPort: boolean;
}

export interface BoundQueues {
  /** Ordered by listener, slot, loop. The owner of this object owns the descriptors. */
  readonly queues: readonly BoundQueue[];
  readonly listeners: readonly ListenerFacts[];
  /** Closes every descriptor. Idempotent. */
  close(): void;
}

export interface BindQueuesOptions {
  readonly addresses: readonly SocketAddress[];
  readonly slots: number;
  readonly loopsPerSlot: number;
  /** `--listen`: length of each accept queue. */
  readonly backlog: number;
}

type ListenerAddon = Pick<NativeAddon, 'bindListener' | 'closeListener'>;

/** Collects descriptors while binding, so that a failure half-way closes what was bound. */
class QueueSet {
  readonly queues: BoundQueue[] = [];
  readonly #addon: ListenerAddon;

  constructor(addon: ListenerAddon) {
    this.#addon = addon;
  }

  close(): void {
    for (const queue of this.queues.splice(0)) this.#addon.closeListener(queue.fd);
  }
}

/**
 * SO_REUSEPORT would let a second server of the same user join the port unseen, and the two would share its
 * connections. A socket without the option is refused where anybody listens, so one is bound first and closed.
 */
function refuseSharedPort(address: SocketAddress, backlog: number, addon: ListenerAddon): void {
  if (address.port === 0) return;
  const { host, port } = address;
  addon.closeListener(addon.bindListener({ host, port, backlog, reusePort: false }).fd);
}

/** Binds all queues of one address; with port 0 the first one chooses the port for the others. */
function bindAddress(
  address: SocketAddress,
  listener: number,
  options: BindQueuesOptions,
  set: QueueSet,
  addon: ListenerAddon,
): ListenerFacts {
  const { slots, loopsPerSlot, backlog } = options;
  const reusePort = slots * loopsPerSlot > 1;
  if (reusePort) refuseSharedPort(address, backlog, addon);
  let bound: BoundListener | undefined;
  for (let slot = 0; slot < slots; slot += 1) {
    for (let loop = 0; loop < loopsPerSlot; loop += 1) {
      const port = bound?.port ?? address.port;
      bound = addon.bindListener({ host: address.host, port, backlog, reusePort });
      set.queues.push({ fd: bound.fd, slot, loop, listener });
    }
  }
  if (bound === undefined) throw new RangeError('slots and loopsPerSlot must be at least 1');
  return { host: bound.host, port: bound.port, text: address.text, autoPort: address.port === 0 };
}

/**
 * Resolves the addresses and binds their queues. Throws ListenError with a sentence that says what to do; nothing
 * stays bound then.
 */
export async function bindQueues(
  options: BindQueuesOptions,
  addon: ListenerAddon,
): Promise<BoundQueues> {
  const addresses = await resolveAddresses(options.addresses);
  const set = new QueueSet(addon);
  const listeners: ListenerFacts[] = [];
  for (const [index, address] of addresses.entries()) {
    try {
      listeners.push(bindAddress(address, index, options, set, addon));
    } catch (error) {
      const bound = set.queues.length;
      set.close();
      throw listenError(address, error, { ...options, addressCount: addresses.length, bound });
    }
  }
  return { queues: [...set.queues], listeners, close: () => set.close() };
}

/** The queues as the worker in `slot` gets them. `fdOf` maps a queue's number to its descriptor in the worker. */
export function queuesForSlot(
  queues: readonly BoundQueue[],
  slot: number,
  fdOf: (queue: BoundQueue, number: number) => number = (queue) => queue.fd,
): WorkerQueue[] {
  return queues.map((queue, number) => ({
    ...queue,
    fd: fdOf(queue, number),
    own: queue.slot === slot,
  }));
}
