/**
 * Binds the listening sockets. Used by the master, which keeps every one for its whole life, and by a worker that runs
 * alone.
 *
 * A TCP address has one SO_REUSEPORT queue per (worker slot × I/O loop). A UNIX socket cannot have several, nor can a socket
 * that was bound by somebody else: such an address has one queue, which every loop of every worker polls.
 */
import type { SocketAddress, TcpAddress, UnixAddress } from '../config/address.js';
import type { ListenAddress } from '../config/listen-addresses.js';
import { adopt, listensAt } from './inherited-listeners.js';
import { adoptKept, standsFor, type AdoptedListener } from './kept-sockets.js';
import { listenError } from './listen-error.js';
import type { BoundListener, NativeAddon, Protocol, UnixAccess } from './native.js';
import { resolveAddresses } from './resolve-addresses.js';
import { UnixSocketFile, type RemovedFile } from './unix-socket-file.js';

/** An address as it was bound: numeric host and real port, or a UNIX socket's name. Every queue of the address shares it. */
export interface ListenerAddress {
  readonly host: string;
  /** 0: a UNIX socket. */
  readonly port: number;
}

export interface BoundQueue {
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

/** An address of a running server with its sockets, left to the server that is to take its place. */
export interface KeptListener extends ListenerFacts {
  /** In the order of slots and I/O loops. */
  readonly fds: readonly number[];
  /** A UNIX socket whose file was made by the server. */
  readonly ownsFile: boolean;
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

/** A socket that was left open for this process. */
export interface InheritedListener {
  readonly fd: number;
  /** Where no configured address is its own. */
  readonly protocol: Protocol;
}

export interface BindQueuesOptions {
  readonly addresses: readonly ListenAddress[];
  readonly slots: number;
  readonly loopsPerSlot: number;
  /** `--listen`: length of each accept queue. */
  readonly backlog: number;
  readonly access: UnixAccess;
  /** Stand for the addresses they listen at. */
  readonly inherited: readonly InheritedListener[];
  /** Sockets that a running server left; those of addresses that are not configured any more are closed. */
  readonly kept?: readonly KeptListener[];
  /** What becomes of inherited sockets at other addresses: they are listened on too, or left for somebody else. */
  readonly unclaimed: 'listen' | 'leave';
}

export type ListenerAddon = Pick<
  NativeAddon,
  'bindListener' | 'bindUnixListener' | 'adoptListener' | 'closeListener'
>;

/** A shared queue belongs to no slot. Where there is only one loop, nothing is shared. */
const SHARED = { slot: undefined, loop: 0 } as const;
const ONLY = { slot: 0, loop: 0 } as const;

/** Collects what is bound, so that a failure half-way takes all of it back. */
class QueueSet implements BoundQueues {
  readonly queues: BoundQueue[] = [];
  readonly listeners: ListenerFacts[] = [];
  readonly #files: UnixSocketFile[] = [];
  readonly #keptFiles: UnixSocketFile[] = [];
  readonly #open = new Set<number>();
  readonly #addon: ListenerAddon;

  constructor(addon: ListenerAddon) {
    this.#addon = addon;
  }

  /** Takes the descriptor over; the queue belongs to the listener that is added next. */
  add(fd: number, protocol: Protocol, place: Pick<BoundQueue, 'slot' | 'loop'>): void {
    this.queues.push({ fd, ...place, listener: this.listeners.length, protocol });
    this.#open.add(fd);
  }

  addFile(file: UnixSocketFile): void {
    this.#files.push(file);
  }

  /** Not ours before `claimFiles`. */
  addKeptFile(file: UnixSocketFile): void {
    this.#keptFiles.push(file);
  }

  leaveFiles(): void {
    this.#files.length = 0;
  }

  claimFiles(): void {
    this.#files.push(...this.#keptFiles.splice(0));
  }

  removeFiles(): readonly RemovedFile[] {
    return this.#files.splice(0).map((file) => file.remove());
  }

  close(): void {
    for (const fd of this.#open) this.#addon.closeListener(fd);
    this.#open.clear();
  }
}

/**
 * SO_REUSEPORT would let a second server of the same user join the port unseen, and the two would share its
 * connections. A socket without the option is refused where anybody listens, so one is bound first and closed.
 */
function refuseSharedPort(address: TcpAddress, backlog: number, addon: ListenerAddon): void {
  if (address.port === 0) return;
  const { host, port } = address;
  addon.closeListener(addon.bindListener({ host, port, backlog, reusePort: false }).fd);
}

function factsOf(
  bound: BoundListener,
  { text, protocol }: Pick<ListenAddress, 'text' | 'protocol'>,
  how: Pick<ListenerFacts, 'autoPort' | 'inherited'>,
): ListenerFacts {
  const { host, port, family } = bound;
  return { family: family === 'unix' ? 'unix' : 'tcp', host, port, text, protocol, ...how };
}

/** Binds the addresses one after the other into `set`. */
class Binder {
  readonly #options: BindQueuesOptions;
  readonly #addon: ListenerAddon;
  readonly #set: QueueSet;
  #kept: AdoptedListener[] = [];
  /** Inherited sockets that no address has claimed yet. */
  readonly #inherited: (BoundListener & Pick<InheritedListener, 'protocol'>)[] = [];

  constructor(options: BindQueuesOptions, addon: ListenerAddon, set: QueueSet) {
    this.#options = options;
    this.#addon = addon;
    this.#set = set;
  }

  adoptInherited(): void {
    const { kept = [], backlog } = this.#options;
    this.#kept = adoptKept(kept, backlog, this.#addon);
    for (const { fd, protocol } of this.#options.inherited) {
      this.#inherited.push({ ...adopt(fd, this.#options.backlog, this.#addon), protocol });
    }
  }

  /**
   * Connections that a running server hands over say by number through which address they came: its addresses come
   * first, in its order.
   */
  inKeptOrder<Address extends ListenAddress>(addresses: readonly Address[]): Address[] {
    const place = (address: Address): number => {
      const kept = this.#kept.findIndex((listener) => standsFor(listener, address));
      return kept < 0 ? this.#kept.length : kept;
    };
    return addresses.toSorted((one, other) => place(one) - place(other));
  }

  bind(address: ListenAddress): void {
    const kept = this.#kept.findIndex((listener) => standsFor(listener, address));
    const [left] = kept < 0 ? [] : this.#kept.splice(kept, 1);
    if (left !== undefined) {
      this.#keep(left, address);
      return;
    }
    const claimed = this.#inherited.findIndex((listener) => listensAt(listener, address));
    const [listener] = claimed < 0 ? [] : this.#inherited.splice(claimed, 1);
    if (listener !== undefined) this.#share(listener, address, true);
    else if (address.kind === 'tcp') this.#bindTcp(address);
    else if (address.kind === 'unix') this.#bindUnix(address);
    else this.#share(adopt(address.fd, this.#options.backlog, this.#addon), address, true);
  }

  /** What nobody configured is listened on all the same: whoever passed it wants it served. */
  keepUnclaimed(): void {
    for (const left of this.#kept.filter(({ kept }) => kept.inherited)) this.#keep(left, left.kept);
    for (const listener of this.#inherited.splice(0)) {
      const { host, port, family, protocol } = listener;
      const text =
        family === 'unix' ? host : family === 'ipv6' ? `[${host}]:${port}` : `${host}:${port}`;
      this.#share(listener, { text, protocol }, true);
    }
  }

  #share(
    bound: BoundListener,
    address: Pick<ListenAddress, 'text' | 'protocol'>,
    inherited: boolean,
  ): void {
    const { slots, loopsPerSlot } = this.#options;
    const place = slots * loopsPerSlot === 1 ? ONLY : SHARED;
    this.#set.add(bound.fd, address.protocol, place);
    this.#set.listeners.push(factsOf(bound, address, { autoPort: false, inherited }));
  }

  /** What nobody has claimed is closed; idempotent. */
  closeKept(): void {
    const claimed = new Set(this.#set.queues.map(({ fd }) => fd));
    for (const { fd } of this.#kept.splice(0).flatMap(({ sockets }) => sockets))
      if (!claimed.has(fd)) this.#addon.closeListener(fd);
  }

  /**
   * The slots and I/O loops take the sockets in their order. Where there are fewer, more are bound beside them; where
   * there are more, some loops have several: no connection that waits is lost.
   */
  #keep({ kept, sockets }: AdoptedListener, address: Pick<ListenAddress, 'protocol'>): void {
    const { slots, loopsPerSlot } = this.#options;
    const places = slots * loopsPerSlot;
    const shared = sockets.length === 1 && places > 1;
    sockets.forEach(({ fd }, index) => {
      const place = index % places;
      const own = { slot: Math.floor(place / loopsPerSlot), loop: place % loopsPerSlot };
      this.#set.add(fd, address.protocol, shared ? SHARED : own);
    });
    if (!shared && kept.family === 'tcp') this.#bindMore(kept, address, sockets.length);
    if (kept.ownsFile) this.#set.addKeptFile(new UnixSocketFile(kept.host));
    const { family, host, port, text, autoPort, inherited } = kept;
    this.#set.listeners.push({
      family,
      host,
      port,
      text,
      autoPort,
      inherited,
      protocol: address.protocol,
    });
  }

  #bindMore(
    kept: KeptListener,
    { protocol }: Pick<ListenAddress, 'protocol'>,
    first: number,
  ): void {
    const { slots, loopsPerSlot, backlog } = this.#options;
    const { host, port } = kept;
    for (let place = first; place < slots * loopsPerSlot; place += 1) {
      const { fd } = this.#addon.bindListener({ host, port, backlog, reusePort: true });
      const own = { slot: Math.floor(place / loopsPerSlot), loop: place % loopsPerSlot };
      this.#set.add(fd, protocol, own);
    }
  }

  #bindUnix(address: UnixAddress & ListenAddress): void {
    const { name, abstractName } = address;
    const { access, backlog } = this.#options;
    const bound = this.#addon.bindUnixListener({ name, abstractName, backlog, ...access });
    if (!abstractName) this.#set.addFile(new UnixSocketFile(name));
    this.#share(bound, address, false);
  }

  /** With port 0 the first queue chooses the port for the others. */
  #bindTcp(address: TcpAddress & ListenAddress): void {
    const { slots, loopsPerSlot, backlog } = this.#options;
    const reusePort = slots * loopsPerSlot > 1;
    if (reusePort) refuseSharedPort(address, backlog, this.#addon);
    let bound: BoundListener | undefined;
    for (let slot = 0; slot < slots; slot += 1) {
      for (let loop = 0; loop < loopsPerSlot; loop += 1) {
        const port = bound?.port ?? address.port;
        bound = this.#addon.bindListener({ host: address.host, port, backlog, reusePort });
        this.#set.add(bound.fd, address.protocol, { slot, loop });
      }
    }
    if (bound === undefined) throw new RangeError('slots and loopsPerSlot must be at least 1');
    const how = { autoPort: address.port === 0, inherited: false };
    this.#set.listeners.push(factsOf(bound, address, how));
  }
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
  const binder = new Binder(options, addon, set);
  let current: SocketAddress | undefined;
  try {
    binder.adoptInherited();
    for (const address of binder.inKeptOrder(addresses)) {
      current = address;
      binder.bind(address);
    }
    if (options.unclaimed === 'listen') binder.keepUnclaimed();
    binder.closeKept();
    return set;
  } catch (error) {
    binder.closeKept();
    const bound = set.queues.length;
    set.removeFiles();
    set.close();
    if (current === undefined) throw error;
    const tcpCount = addresses.filter(({ kind }) => kind === 'tcp').length;
    throw listenError(current, error, { ...options, tcpCount, bound });
  }
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
