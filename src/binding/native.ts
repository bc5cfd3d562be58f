/**
 * The TypeScript face of the addon: the only description of what crosses the boundary.
 * Who owns each buffer, and until when, is written in docs/boundary.md.
 *
 * Records in both directions are sequences of little-endian 32-bit words, each record padded to 8 bytes.
 * Word indices and type codes come from the addon itself (`constants`), so that they exist once.
 */

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
}

export interface CoreOptions {
  /** `loop`: one I/O loop on the JS thread. `pool`: `threads` native threads, each with an I/O loop. */
  readonly mode: 'loop' | 'pool';
  readonly threads: number;
  readonly queues: readonly QueueOptions[];
  readonly limits: CoreLimits;
  /** Directory for request bodies over `postBufferingBytes`; the files have no name there. */
  readonly spoolDirectory: string;
  /** -1: no request log. */
  readonly accessLogFd: number;
  readonly accessLogFormat: 'uwsgi' | 'json';
  readonly accessLogRules: AccessLogRules;
  readonly workerId: number;
  /** Whether `runningMicros` is counted, which costs a look at the clock each request. */
  readonly measuresTime: boolean;
}

export interface CoreCounters {
  readonly connections: number;
  readonly accepted: number;
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
  /** Time that all finished requests took together; only with `measuresTime`. */
  readonly runningMicros: number;
  readonly bodyMemory: number;
}

/** How far `drain` got. */
export type CoreEvent =
  | { readonly type: 'drained' }
  /** While draining: no I/O loop polls a queue any more, so whoever owns the descriptors may close them. */
  | { readonly type: 'queues-left' }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string };

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
  start(): void;
  /** Hands the operations in `outbox[0, bytes)` to the I/O loops; the outbox is free again when it returns. */
  flush(bytes: number): void;
  /** Registers memory for a REF operation; the core holds it until it is written or the request is gone. */
  retain(bytes: Uint8Array): number;
  /** The body that was buffered in memory for this request (kind MEMORY), once and before its answer ends; undefined when it is gone. */
  takeBody(slot: number, generation: number): Buffer | undefined;
  adoptQueue(queue: number): void;
  releaseQueue(queue: number): void;
  /**
   * Accepts what waits in its queues and nothing more (event 'queues-left'), answers what runs with
   * `Connection: close`, closes idle connections; then event 'drained'. `othersGoOn`: what waits in shared queues is
   * left to the other workers.
   */
  drain(othersGoOn: boolean): void;
  /** Cuts every connection and joins the threads. Idempotent. */
  stop(): void;
  counters(): CoreCounters;
}

export interface BoundaryConstants {
  readonly inboxBytes: number;
  readonly outboxBytes: number;
  readonly maxTemplates: number;
  readonly maxHeads: number;
  /** The core acknowledges each response's output in steps of at least this much (WRITABLE). */
  readonly highWaterBytes: number;
  /** Loop index of operations that concern every loop (DEFINE_HEAD), in the upper 8 bits of the slot word. */
  readonly allLoops: number;
  readonly event: {
    readonly REQUEST: number;
    readonly BODY: number;
    readonly BODY_END: number;
    readonly ABORTED: number;
    readonly WRITABLE: number;
    readonly DONE: number;
    readonly PEER: number;
  };
  readonly requestWord: Readonly<
    Record<
      | 'SLOT'
      | 'GENERATION'
      | 'FLAGS'
      | 'TEMPLATE'
      | 'CONNECTION'
      | 'BODY_LOW'
      | 'BODY_HIGH'
      | 'BODY_AT'
      | 'TEXT_AT'
      | 'TEXT_LENGTH'
      | 'PAIRS'
      | 'METHOD_LENGTH'
      | 'TARGET_LENGTH'
      | 'PATH_LENGTH'
      | 'ARRIVED'
      | 'FIRST_PAIR',
      number
    >
  >;
  readonly requestFlag: Readonly<
    Record<
      | 'HTTP_1_0'
      | 'TEMPLATE_HIT'
      | 'TEMPLATE_DEFINE'
      | 'SAME_LINE'
      | 'PATH_ENCODED'
      | 'BODY_SHIFT'
      | 'BODY_MASK'
      | 'UWSGI'
      | 'HTTPS',
      number
    >
  >;
  readonly bodyKind: Readonly<Record<'NONE' | 'INLINE' | 'MEMORY' | 'FILE' | 'STREAM', number>>;
  readonly abortReason: Readonly<
    Record<
      | 'CLIENT'
      | 'TIMEOUT'
      | 'SEND_TIMEOUT'
      | 'DEADLINE'
      | 'DRAINING'
      | 'SHUTDOWN'
      | 'BAD_BODY'
      | 'BODY_TOO_LARGE',
      number
    >
  >;
  readonly op: Readonly<
    Record<
      | 'RESPOND'
      | 'BEGIN'
      | 'CHUNK'
      | 'END'
      | 'FILE'
      | 'ABORT'
      | 'DEFINE_HEAD'
      | 'REF'
      | 'READ_BODY',
      number
    >
  >;
  readonly opWord: Readonly<
    Record<
      | 'SLOT'
      | 'GENERATION'
      | 'STATUS'
      | 'HEAD'
      | 'HEAD_LENGTH'
      | 'BODY_LENGTH'
      | 'DECLARED_LOW'
      | 'DECLARED_HIGH'
      | 'FIELDS'
      | 'DATA',
      number
    >
  >;
  readonly opFlag: Readonly<Record<'HAS_DATE' | 'CLOSE' | 'WANT_DONE', number>>;
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
  /** `onto` refers to the file of `from` from now on, as dup2(2) has it; child processes inherit it. */
  duplicateOnto(from: number, onto: number): void;
  /** A non-blocking descriptor whose every write is a datagram to the UNIX socket at `path`. */
  connectDatagram(path: string): number;
  /** A descriptor of `bytes` zeroed bytes without a name, for child processes to inherit. */
  createSharedMemory(bytes: number): number;
  /** That memory, shared with every process that maps it; the descriptor may be closed afterwards. */
  mapSharedMemory(fd: number, bytes: number): ArrayBuffer;
  readonly Core: new (options: CoreOptions, callbacks: CoreCallbacks) => NativeCore;
}
