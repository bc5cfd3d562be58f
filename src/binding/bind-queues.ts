/**
 * Binds the listening sockets. Used by the master, which keeps every one for its whole life, and by a worker that runs
 * alone.
 *
 * A TCP address has one SO_REUSEPORT queue per (worker slot × I/O loop); where a running server left fewer sockets, some
 * queues are the same one. A UNIX socket cannot have several, nor can a socket that was bound by somebody else: such an
 * address has one queue, which every loop of every worker polls.
 */
import type { SocketAddress, TcpAddress, UnixAddress } from '../config/address.js';
import type { ListenAddress } from '../config/listen-addresses.js';
import type { BoundQueue, BoundQueues, ListenerFacts } from './bound-queues.js';
import { adopt, listensAt, type InheritedListener } from './inherited-listeners.js';
import { adoptKept, standsFor, type AdoptedListener, type KeptListener } from './kept-sockets.js';
import { listenError } from './listen-error.js';
import type { BoundListener, NativeAddon, UnixAccess } from './native.js';
import { QueueSet } from './queue-set.js';
import { resolveAddresses } from './resolve-addresses.js';
import { UnixSocketFile } from './unix-socket-file.js';

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

/** Which slot and I/O loop accept from a queue. */
type Place = Pick<BoundQueue, 'slot' | 'loop'>;

/** A shared queue belongs to no slot. */
const SHARED: Place = { slot: undefined, loop: 0 };

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

  /** One for every slot and I/O loop, in this order. */
  get #places(): number {
    return this.#options.slots * this.#options.loopsPerSlot;
  }

  #place(index: number): Place {
    const { loopsPerSlot } = this.#options;
    return { slot: Math.floor(index / loopsPerSlot), loop: index % loopsPerSlot };
  }

  /** Where there is only one loop, nothing is shared. */
  #share(
    bound: BoundListener,
    address: Pick<ListenAddress, 'text' | 'protocol'>,
    inherited: boolean,
  ): void {
    const place = this.#places === 1 ? this.#place(0) : SHARED;
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
   * The slots and I/O loops take the sockets in their order. Where there are fewer, some loops have several: no connection
   * that waits is lost. Where there are more, some sockets have several loops: the kernel would give clients to further
   * sockets at once, and there is nobody yet to accept them.
   */
  #keep({ kept, sockets }: AdoptedListener, address: Pick<ListenAddress, 'protocol'>): void {
    const places = this.#places;
    const shared = sockets.length === 1 && places > 1;
    const count = shared ? 1 : Math.max(sockets.length, places);
    for (let index = 0; index < count; index += 1) {
      const { fd } = sockets[index % sockets.length] as BoundListener;
      this.#set.add(fd, address.protocol, shared ? SHARED : this.#place(index % places));
    }
    if (kept.ownsFile) this.#set.addKeptFile(new UnixSocketFile(kept.host));
    const { family, host, port, text, autoPort, inherited } = kept;
    const { protocol } = address;
    this.#set.listeners.push({ family, host, port, text, autoPort, inherited, protocol });
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
    const { backlog } = this.#options;
    const reusePort = this.#places > 1;
    if (reusePort) refuseSharedPort(address, backlog, this.#addon);
    let bound: BoundListener | undefined;
    for (let index = 0; index < this.#places; index += 1) {
      const port = bound?.port ?? address.port;
      bound = this.#addon.bindListener({ host: address.host, port, backlog, reusePort });
      this.#set.add(bound.fd, address.protocol, this.#place(index));
    }
    if (bound === undefined) throw new RangeError('slots and loopsPerSlot must be at least 1');
    const how = { autoPort: address.port === 0, inherited: false };
    this.#set.listeners.push(factsOf(bound, address, how));
  }
}

/**
 * Resolves the addresses and binds their queues. Throws ListenError with a sentence that says what to do; nothing that
 * was bound stays open then.
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
