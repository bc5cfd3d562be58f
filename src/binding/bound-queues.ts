/** Queues that are bound: what they are, whose they are, and how one worker sees them. */
import type { Protocol } from './native.js';
import type { RemovedFile } from './unix-socket-file.js';

/** An address as it was bound: numeric host and real port, or a UNIX socket's name. Every queue of the address shares it. */
export interface ListenerAddress {
  readonly host: string;
  /** 0: a UNIX socket. */
  readonly port: number;
}

export interface BoundQueue {
  /** The socket. Several queues may have the same one: see socketFds. */
  readonly fd: number;
  /** Worker slot that accepts from it while its worker is ready; undefined: a shared queue, all of them do. */
  readonly slot: number | undefined;
  /** I/O loop of that worker; of a shared queue every loop accepts. */
  readonly loop: number;
  /** Index into `listeners`. */
  readonly listener: number;
  readonly protocol: Protocol;
}

/** A queue as one worker sees it; its number is the index in the list of all queues, the same in every worker. */
export interface WorkerQueue {
  readonly fd: number;
  readonly loop: number;
  readonly listener: number;
  readonly protocol: Protocol;
  /** Whether it belongs to this worker's slot. */
  readonly own: boolean;
  /** Whether it belongs to every worker's. */
  readonly shared: boolean;
}

export interface ListenerFacts extends ListenerAddress {
  readonly family: 'tcp' | 'unix';
  readonly protocol: Protocol;
  /** As the option was written; of a socket that no option names, what the kernel says. */
  readonly text: string;
  /** Port 0 was asked for. */
  readonly autoPort: boolean;
  /** Bound by whoever started the server. */
  readonly inherited: boolean;
}

export interface BoundQueues {
  /** Ordered by listener, slot, loop. The owner of this object owns the descriptors. */
  readonly queues: readonly BoundQueue[];
  readonly listeners: readonly ListenerFacts[];
  /** Removes the files of UNIX sockets that were bound here, as long as they are. Idempotent; before `close`. */
  removeFiles(): readonly RemovedFile[];
  /** The files are another server's from now on. */
  leaveFiles(): void;
  /** The files of sockets that another server left are ours from now on. */
  claimFiles(): void;
  /** Closes every descriptor. Idempotent. */
  close(): void;
}

/** The sockets, each once: more I/O loops than a running server left sockets share some. */
export function socketFds(queues: readonly Pick<BoundQueue, 'fd'>[]): number[] {
  return [...new Set(queues.map(({ fd }) => fd))];
}

/** The sockets of the address with this index in `listeners`. */
export function socketsOf({ queues }: Pick<BoundQueues, 'queues'>, listener: number): number[] {
  return socketFds(queues.filter((queue) => queue.listener === listener));
}

/** The queues as the worker in `slot` gets them. `fdOf` maps a queue's number to its descriptor in the worker. */
export function queuesForSlot(
  queues: readonly BoundQueue[],
  slot: number,
  fdOf: (queue: BoundQueue, number: number) => number = (queue) => queue.fd,
): WorkerQueue[] {
  return queues.map((queue, number) => ({
    fd: fdOf(queue, number),
    loop: queue.loop,
    listener: queue.listener,
    protocol: queue.protocol,
    own: queue.slot === undefined || queue.slot === slot,
    shared: queue.slot === undefined,
  }));
}
