/** The statistics as uWSGI writes them: its names, its order, tabs. Pure: the facts are given. */

export type StatsValue =
  string | number | readonly StatsValue[] | { readonly [name: string]: StatsValue };

export interface SocketStats {
  readonly name: string;
  readonly protocol: string;
  /** Connections that wait in its longest accept queue, and how many may. */
  readonly waiting: number;
  readonly backlog: number;
  readonly shared: boolean;
}

export interface CoreStats {
  readonly id: number;
  readonly requests: number;
  readonly staticRequests: number;
  /** Clients that left, and clients that were too slow. */
  readonly writeErrors: number;
  readonly readErrors: number;
  /** Method and URI of the request that runs in JavaScript. */
  readonly call: string | undefined;
}

export interface WorkerStats {
  readonly id: number;
  readonly pid: number;
  readonly accepting: boolean;
  /** Of the slot since the server's start, and of this worker alone. */
  readonly requests: number;
  readonly deltaRequests: number;
  readonly exceptions: number;
  readonly harakiriCount: number;
  readonly status: 'idle' | 'busy' | 'cheap';
  readonly residentBytes: number;
  readonly addressSpaceBytes: number;
  readonly runningMicros: number;
  /** Seconds since the epoch. */
  readonly lastSpawn: number;
  readonly respawnCount: number;
  readonly bytesOut: number;
  readonly averageMicros: number;
  readonly inFlight: number;
  readonly connections: number;
  /** Requests and packets that were refused because of what they say. */
  readonly badRequests: number;
  /** Seconds until the application was loaded. */
  readonly startupSeconds: number;
  readonly cores: readonly CoreStats[];
}

export interface ServerStats {
  readonly version: string;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly cwd: string;
  readonly daemons: readonly {
    readonly cmd: string;
    readonly pid: number;
    readonly respawns: number;
  }[];
  readonly sockets: readonly SocketStats[];
  readonly workers: readonly WorkerStats[];
}

export function statsDocument(stats: ServerStats, withCores: boolean): StatsValue {
  const { version, pid, uid, gid, cwd, daemons } = stats;
  const waiting = Math.max(0, ...stats.sockets.map((socket) => socket.waiting));
  return {
    version,
    listen_queue: waiting,
    listen_queue_errors: 0,
    signal_queue: 0,
    load: waiting,
    pid,
    uid,
    gid,
    cwd,
    ...(daemons.length === 0 ? {} : { daemons }),
    locks: [],
    sockets: stats.sockets.map(socketEntry),
    workers: stats.workers.map((worker) => workerEntry(worker, withCores)),
  };
}

function socketEntry({ name, protocol, waiting, backlog, shared }: SocketStats): StatsValue {
  return {
    name,
    proto: protocol,
    queue: waiting,
    max_queue: backlog,
    shared: shared ? 1 : 0,
    can_offload: 0,
  };
}

function workerEntry(worker: WorkerStats, withCores: boolean): StatsValue {
  return {
    id: worker.id,
    pid: worker.pid,
    accepting: worker.accepting ? 1 : 0,
    requests: worker.requests,
    delta_requests: worker.deltaRequests,
    exceptions: worker.exceptions,
    harakiri_count: worker.harakiriCount,
    signals: 0,
    signal_queue: 0,
    status: worker.status,
    rss: worker.residentBytes,
    vsz: worker.addressSpaceBytes,
    running_time: worker.runningMicros,
    last_spawn: worker.lastSpawn,
    respawn_count: worker.respawnCount,
    tx: worker.bytesOut,
    avg_rt: worker.averageMicros,
    in_flight: worker.inFlight,
    connections: worker.connections,
    bad_requests: worker.badRequests,
    apps: [appEntry(worker)],
    ...(withCores ? { cores: worker.cores.map(coreEntry) } : {}),
  };
}

function appEntry({ deltaRequests, exceptions, startupSeconds }: WorkerStats): StatsValue {
  return {
    id: 0,
    modifier1: 0,
    mountpoint: '',
    startup_time: startupSeconds,
    requests: deltaRequests,
    exceptions,
    chdir: '',
  };
}

/** uWSGI ends the list of variables with an empty string. */
function coreEntry(core: CoreStats): StatsValue {
  const { id, requests, staticRequests, call } = core;
  const [method = '', uri = ''] = call?.split(' ', 2) ?? [];
  return {
    id,
    requests,
    static_requests: staticRequests,
    routed_requests: 0,
    offloaded_requests: 0,
    write_errors: core.writeErrors,
    read_errors: core.readErrors,
    in_request: call === undefined ? 0 : 1,
    vars: call === undefined ? [] : [`REQUEST_METHOD=${method}`, `REQUEST_URI=${uri}`, ''],
    req_info: {},
  };
}

/** One item a line, indented with tabs, no space behind a colon: what uWSGI writes. */
export function formatStats(value: StatsValue, minified: boolean): string {
  return minified
    ? JSON.stringify(value)
    : JSON.stringify(value, null, '\t').replace(/^(\t*"(?:[^"\\]|\\.)*":) /gm, '$1');
}
