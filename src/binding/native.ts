/**
 * The TypeScript face of the addon: the only description of what crosses the boundary.
 * Who owns each buffer, and until when, is written in docs/boundary.md.
 *
 * Records in both directions are sequences of little-endian 32-bit words, each record padded to 8 bytes.
 * Word indices and type codes come from the addon itself (`constants`), so that they exist once.
 */

import type { BoundaryConstants } from './boundary-constants.js';
import type { NativeLockTable, NativeSharedCache, SharedCacheOptions } from './native-shared.js';

export type { BoundaryConstants };
export type { NativeLockTable, NativeSharedCache, SharedCacheOptions };

/** What the peers of a listener speak. */
export type Protocol = 'http' | 'uwsgi';

/** A bound listening socket, as the supervisor sees it. */
export interface BoundListener {
  readonly fd: number;
  readonly family: 'ipv4' | 'ipv6' | 'unix';
  /** Numeric host the kernel bound, the UNIX path, or `@name` in the abstract name space. */
  readonly host: string;
  /** The real port, also when 0 was asked for; 0 for UNIX sockets. */
  readonly port: number;
}

export interface BindOptions {
  /** Numeric IPv4 or IPv6 address. Names are resolved before this call. */
  readonly host: string;
  readonly port: number;
  /** Length of the kernel's accept queue (`--listen`). */
  readonly backlog: number;
  /** Further queues of the same address need it (SO_REUSEPORT). */
  readonly reusePort: boolean;
}

/** Access to a UNIX socket's file before anybody can connect; -1 leaves what the system gives a new file. */
export interface UnixAccess {
  readonly mode: number;
  readonly owner: number;
  readonly group: number;
}

export interface BindUnixOptions extends UnixAccess {
  /** A path, or a name in the abstract name space; at most 107 bytes. */
  readonly name: string;
  readonly abstractName: boolean;
  readonly backlog: number;
}

/** One listening socket that this worker may accept from. */
export interface QueueOptions {
  readonly fd: number;
  /** Index of the I/O loop that accepts from it. */
  readonly loop: number;
  /** Index into the worker's list of listeners: every queue of one address has the same. */
  readonly listener: number;
  /** false: known but not polled until `adoptQueue` (a neighbour's queue). */
  readonly own: boolean;
  /** The only socket of its address: every loop of every worker polls it, and it is never adopted or released. */
  readonly shared: boolean;
  readonly protocol: Protocol;
}

/** Limits and timeouts; every value comes from the option table. Sizes in bytes, times in milliseconds, 0 = no limit. */
export interface CoreLimits {
  readonly headBytes: number;
  readonly targetBytes: number;
  readonly headerCount: number;
  readonly bodyBytes: number;
  readonly postBufferingBytes: number;
  readonly bodyMemoryBytes: number;
  readonly headerTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly sendTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** Bytes per second a peer must keep up, averaged, in both directions. */
  readonly minRate: number;
  readonly maxConnections: number;
  readonly maxPending: number;
  readonly retryAfterSeconds: number;
}

/** Which requests get a line, and what is in it. */
export interface AccessLogRules {
  /** A text with uWSGI's `%(variables)`; empty: the usual line. */
  readonly template: string;
  /** Form of `%(ftime)` for strftime(3); empty: as `%(ltime)`. */
  readonly timeFormat: string;
  /** Times in microseconds. */
  readonly micros: boolean;
  /** The worker's memory stands in front of the usual line. */
  readonly memory: boolean;
  /** The first address of X-Forwarded-For stands for the peer's. */
  readonly forwardedFor: boolean;
  /** Only requests that one of the following names. */
  readonly selective: boolean;
  readonly status4xx: boolean;
  readonly status5xx: boolean;
  /** At least that long; 0: not for that. */
  readonly slowMs: number;
  /** At least that many bytes; 0: not for that. */
  readonly bigBytes: number;
  /** Without a body. */
  readonly zero: boolean;
  /** Whose answer did not get through. */
  readonly ioError: boolean;
  /** For which the kernel sent a file. */
  readonly sendfile: boolean;
}

export interface CoreOptions {
  /** `loop`: one I/O loop on the JS thread. `pool`: `threads` native threads, each with an I/O loop. */
  readonly mode: 'loop' | 'pool';
  readonly threads: number;
  readonly queues: readonly QueueOptions[];
  readonly limits: CoreLimits;
  /** Connections that other workers give away come from this end of a channel (`makeDescriptorChannel`); -1: none come. */
  readonly handOverFd: number;
  /** Directory for request bodies over `postBufferingBytes`; the files have no name there. */
  readonly spoolDirectory: string;
  /** -1: no request log. */
  readonly accessLogFd: number;
  readonly accessLogFormat: 'uwsgi' | 'json';
  readonly accessLogRules: AccessLogRules;
  readonly workerId: number;
  /** Until when a request is to be answered, for whoever reads the scoreboard; 0: no limit. */
  readonly deadlineMs: number;
  /** The row that the I/O loops write (src/ipc/scoreboard.ts); null: nobody reads it. The core keeps the memory. */
  readonly scoreboard: { readonly memory: ArrayBuffer; readonly offset: number } | null;
}

export interface CoreCounters {
  readonly connections: number;
  readonly accepted: number;
  /** Connections that another worker goes on with, and those that other workers gave. */
  readonly given: number;
  readonly taken: number;
  readonly requests: number;
  readonly pending: number;
  readonly inFlight: number;
  readonly rejected: number;
  readonly badRequests: number;
  readonly timeouts: number;
  readonly aborted: number;
  readonly staleWrites: number;
  readonly acceptPauses: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Time that all finished requests took together; only with a scoreboard. */
  readonly runningMicros: number;
  readonly bodyMemory: number;
}

/** How much a record of the core matters. */
export type CoreLogLevel = 'info' | 'warn' | 'error';

/** What every record of the core has; `time`: milliseconds since the epoch at which it was made, in decimal. */
interface CoreRecord {
  readonly level: CoreLogLevel;
  readonly message: string;
  readonly time: string;
}

/** What is rare: records, and how far `drain` got. */
export type CoreEvent =
  | { readonly type: 'drained' }
  /** While draining: no I/O loop polls a queue any more, so whoever owns the descriptors may close them. */
  | { readonly type: 'queues-left' }
  | ({ readonly type: 'log' } & CoreRecord)
  /** A record of a request that the core answered by itself; `status` in decimal, 0 where nothing was answered. */
  | ({
      readonly type: 'refused';
      readonly reason: string;
      readonly status: string;
    } & CoreRecord);

export interface CoreCallbacks {
  /**
   * Handles the event records in `inbox[0, bytes)` and returns how many bytes of operations it left in the outbox.
   * Called once a batch, with the microtask and nextTick queues run afterwards.
   */
  dispatch(bytes: number): number;
  /** Rare: life-cycle and log records from the core. */
  event(event: CoreEvent): void;
}

export interface NativeCore {
  /** Written by the core before `dispatch`, read by JS during it. Never keep views of request data across calls. */
  readonly inbox: ArrayBuffer;
  /** Written by JS, consumed by `flush` or by the return value of `dispatch`. */
  readonly outbox: ArrayBuffer;
  /** `held`: as if `holdQueues(true)` had been called before it polls any queue. */
  start(held: boolean): void;
  /** Hands the operations in `outbox[0, bytes)` to the I/O loops; the outbox is free again when it returns. */
  flush(bytes: number): void;
  /**
   * During `dispatch`: the requests in the inbox from byte `at` on begin only now, because those before them took their
   * time. Only what is told of requests depends on it.
   */
  beginLater(at: number): void;
  /** Registers memory for a REF operation; the core holds it until it is written or the request is gone. */
  retain(bytes: Uint8Array): number;
  /** The body that was buffered in memory for this request (kind MEMORY), once and before its answer ends; undefined when it is gone. */
  takeBody(slot: number, generation: number): Buffer | undefined;
  adoptQueue(queue: number): void;
  releaseQueue(queue: number): void;
  /** Leaves every queue alone, shared ones too, or polls them again; connections that are open go on. */
  holdQueues(on: boolean): void;
  /**
   * Accepts what waits in its queues and nothing more (event 'queues-left'), answers what runs, and gives connections
   * between two requests away through `taker`, the sending end of a channel; then event 'drained'. Without a taker (-1)
   * answers carry `Connection: close` and idle connections are closed. `othersGoOn`: what waits in shared queues is left
   * to the other workers.
   */
  drain(othersGoOn: boolean, taker: number): void;
  /** Cuts every connection and joins the threads. Idempotent. */
  stop(): void;
  counters(): CoreCounters;
}

export interface NativeQueueWatch {
  /** Nothing is told any more. Idempotent. */
  stop(): void;
}

export interface NativeAddon {
  readonly version: string;
  /** Environ keys by id, as they appear in the pairs of a REQUEST event. */
  readonly environKeys: readonly string[];
  readonly constants: BoundaryConstants;
  bindListener(options: BindOptions): BoundListener;
  /**
   * Binds a UNIX socket. A file that no server listens on any more is replaced. `code` and `syscall` of what it throws:
   * native/net/unix_listener.h.
   */
  bindUnixListener(options: BindUnixOptions): BoundListener;
  /** Takes a listening stream socket that this process inherited; its accept queue gets the length `backlog`. */
  adoptListener(fd: number, backlog: number): BoundListener;
  closeListener(fd: number): void;
  /** By name; undefined where the system knows no such user. */
  findUser(name: string): { readonly uid: number; readonly gid: number } | undefined;
  findGroup(name: string): number | undefined;
  /**
   * Takes the exit status of a dead child that Node did not start (an orphan that process 1 inherited), without
   * waiting; false where there is none to take.
   */
  reapChild(pid: number): boolean;
  /**
   * From now on this process ends at most `seconds` (> 0) after its parent's death, also while its JavaScript is blocked.
   * False where the kernel refuses.
   */
  endAfterParent(seconds: number): boolean;
  /** `onto` refers to the file of `from` from now on, as dup2(2) has it; child processes inherit it. */
  duplicateOnto(from: number, onto: number): void;
  /** A non-blocking descriptor whose every write is a datagram to the UNIX socket at `path`. */
  connectDatagram(path: string): number;
  /**
   * A non-blocking stream to whoever listens under this abstract name, connected. `code` of what it throws: what
   * connect(2) says; EAGAIN: the accept queue is full.
   */
  connectAbstract(name: string): number;
  /** A one-way channel for descriptors; both ends stay open until they are closed, and child processes may inherit them. */
  makeDescriptorChannel(): { readonly sender: number; readonly receiver: number };
  /** A named pipe with exactly these permissions. */
  makeFifo(path: string, mode: number): void;
  /**
   * A function that writes whole lines to the descriptor without ever waiting for who reads them: it returns how many
   * bytes were taken, and the errno of what was not (0: all were). The descriptor stays the caller's.
   */
  openOutput(fd: number): (lines: Uint8Array) => { readonly bytes: number; readonly error: number };
  /** A descriptor of `bytes` zeroed bytes without a name, for child processes to inherit. */
  createSharedMemory(bytes: number): number;
  /** That memory, shared with every process that maps it; the descriptor may be closed afterwards. */
  mapSharedMemory(fd: number, bytes: number): ArrayBuffer;
  /** How many connections wait in this listening socket; undefined where the kernel does not tell. */
  listenBacklog(fd: number): number | undefined;
  /** Calls `waits` once, when something waits in one of these: listening sockets, or channels for connections. Nothing is taken. */
  readonly QueueWatch: new (fds: readonly number[], waits: () => void) => NativeQueueWatch;
  /** How locks and caches lie in their memory: another version that says the same number understands it. */
  readonly memoryLayout: number;
  sharedCacheBytes(options: SharedCacheOptions): number;
  lockTableBytes(locks: number): number;
  /** Maps the cache at `offset` (a multiple of the page size); who made the memory says `initialize`, once. */
  readonly SharedCache: new (
    fd: number,
    offset: number,
    options: SharedCacheOptions,
    initialize: boolean,
  ) => NativeSharedCache;
  /** Maps the locks at the start of the memory. */
  readonly LockTable: new (fd: number, locks: number) => NativeLockTable;
  readonly Core: new (options: CoreOptions, callbacks: CoreCallbacks) => NativeCore;
}
