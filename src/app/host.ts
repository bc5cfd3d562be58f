/** What stands behind the functions of the package: the server's worker, or a stand-in where there is no server. */
import type { CacheBackend } from './cache-backend.js';
import type { Locks } from './locks.js';
import type { Schedule } from './schedule.js';
import type { Environ } from './types.js';

export type WorkerState = 'loading' | 'idle' | 'busy' | 'draining';

/** One worker process of this server, as the server's shared memory has it at this moment. */
export interface WorkerInfo {
  /** 1, 2, …: a worker's successor has the same. */
  readonly id: number;
  readonly pid: number;
  readonly state: WorkerState;
  /** Answered since the process started. */
  readonly requests: number;
  /** Given to JavaScript and not answered. */
  readonly inFlight: number;
  /** Whose application threw. */
  readonly exceptions: number;
  readonly connections: number;
  /** Bytes sent. */
  readonly bytesOut: number;
  /** Resident memory and JavaScript's heap in bytes; 0 where nobody has looked yet. */
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** The request whose code runs. */
export interface CurrentRequest {
  /** Unique among all workers of the machine; also `environ['tsuwsgi.request_id']`. */
  readonly id: string;
  readonly environ: Environ;
}

export interface ServerFacts {
  /** 1, 2, …; 0 outside of a server. */
  readonly workerId: number;
  /** 0 without a master. */
  readonly masterPid: number;
  /** Workers that the server has, or may have. */
  readonly processes: number;
  /** `loop`: I/O on the JavaScript thread; `pool`: on threads of its own; `none`: no server. */
  readonly mode: 'loop' | 'pool' | 'none';
  /** Every option with the value that counts, frozen; empty outside of a server. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly version: string;
  /** When this process started. */
  readonly startedAt: Date;
}

export type LogLevel = 'info' | 'warn' | 'error';

export interface Host {
  readonly facts: ServerFacts;
  readonly locks: Locks;
  readonly schedule: Schedule;
  workers(): readonly WorkerInfo[];
  request(): CurrentRequest | undefined;
  command(command: 'reload' | 'stop', reason: string): void;
  log(level: LogLevel, text: string): void;
  setHarakiri(seconds: number): void;
  /** Returns what takes the callback back. */
  onDrain(callback: () => unknown): () => void;
  /** Throws CacheError where there is none of that name. Without a name: the first one. */
  cache(name: string | undefined): CacheBackend;
}
