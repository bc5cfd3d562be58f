/**
 * Everything that passes between the master and a worker, declared once.
 *
 * The channel is Node's child-process IPC channel. What a worker owes the master besides the messages:
 * - Under a master it ignores SIGINT, SIGQUIT and SIGHUP (a terminal sends them to the whole process group; the master
 *   decides and says so by message) and takes SIGTERM as `drain`.
 * - When the channel closes without `drain` or `stop` (event `disconnect`), the master is gone: it drains and exits,
 *   for nobody would restart or stop it.
 */
import type { BackendAddress } from '../config/backend-address.js';
import type { Config } from '../config/config.js';
import type { InheritedChannels } from '../binding/hand-over-channels.js';
import type { ListenerAddress, WorkerQueue } from '../binding/bound-queues.js';
import type {
  CommandMessage,
  RunJobMessage,
  ScheduleMessage,
  UserSignalMessage,
} from './application-messages.js';

/** A worker may be of a version that was installed after the master started. */
export interface InheritedMemory {
  readonly fd: number;
  /** `memoryLayout` of the addon that made it. */
  readonly layout: number;
}

/** First message to a worker, once. `queues` holds the neighbours' queues too: their number is the index here. */
export interface StartMessage {
  readonly type: 'start';
  readonly config: Config;
  /** 0-based place among the workers; the next occupant of the place gets the same. */
  readonly slot: number;
  /** uWSGI's worker id: `slot + 1`. */
  readonly workerId: number;
  readonly queues: readonly WorkerQueue[];
  readonly listeners: readonly ListenerAddress[];
  /** The server is paused: it accepts nothing before `hold` says otherwise. */
  readonly held?: true;
  /** Where a router sends requests; none for a worker. */
  readonly backends: readonly BackendAddress[];
  /** The shared memory of src/ipc/scoreboard.ts; `loops` is what its rows have room for. */
  readonly scoreboard?: {
    readonly fd: number;
    /** `BOARD_FORM` of the master. */
    readonly form: number;
    readonly rows: number;
    readonly loops: number;
    readonly row: number;
  };
  /** For connections that workers give to each other, or routers. */
  readonly handOver?: InheritedChannels;
  /** Of the application's locks and caches; none for a router. */
  readonly applicationMemory?: InheritedMemory;
  /** Descriptor for request lines, where they do not go to standard error. */
  readonly requestLogFd?: number;
}

/** Open the log files anew: they were renamed. Only for workers that write to a file of their own (`--logto`). */
export interface ReopenLogMessage {
  readonly type: 'reopen-log';
  /** Absolute. */
  readonly file: string;
}

/** Poll these queues too: the worker they belong to is not there. */
export interface AdoptMessage {
  readonly type: 'adopt';
  readonly queues: readonly number[];
}

/** Stop polling these adopted queues: their own worker is ready. */
export interface ReleaseMessage {
  readonly type: 'release';
  readonly queues: readonly number[];
}

/** The server is paused: accept nothing, connections that are open go on; or accept again. */
export interface HoldMessage {
  readonly type: 'hold';
  readonly on: boolean;
}

/**
 * Take nothing new, finish what runs, send `drained` and exit with `ExitCode.DRAINED`.
 * A worker that is still loading its application exits at once.
 */
export interface DrainMessage {
  readonly type: 'drain';
  readonly reason: string;
  /** What runs is cut after so long (`--worker-reload-mercy`, as the master has it now); 0: never. */
  readonly mercySeconds: number;
  /** The server does not stop: what waits in shared queues is for the other workers. */
  readonly othersGoOn?: true;
  /** The mercy is not that of the option: the operator wants running requests to be cut. */
  readonly brutal?: true;
  /** Slot whose worker goes on with the connections that are between two requests; without one they close. */
  readonly handTo?: number;
}

/** Cut every connection and exit at once. */
export interface StopMessage {
  readonly type: 'stop';
  readonly reason: string;
}

export type MasterMessage =
  | StartMessage
  | AdoptMessage
  | ReleaseMessage
  | ReopenLogMessage
  | HoldMessage
  | UserSignalMessage
  | RunJobMessage
  | DrainMessage
  | StopMessage;

/** The application is loaded and the worker's own queues are polled. */
export interface ReadyMessage {
  readonly type: 'ready';
  /** From the process's start until now. */
  readonly bootMs: number;
}

/** The application cannot be loaded; the worker exits with `exitCode` right after. */
export interface BootFailedMessage {
  readonly type: 'boot-failed';
  /** One sentence, without the stack. */
  readonly message: string;
  readonly stack: string;
  readonly exitCode: number;
}

/** It drains, and accepts no connection any more. */
export interface QueuesLeftMessage {
  readonly type: 'queues-left';
}

/** Nothing runs any more; the worker exits now. */
export interface DrainedMessage {
  readonly type: 'drained';
}

/**
 * The worker leaves on its own (SIGTERM sent to it, a broken invariant): its queues need a neighbour from now on. The
 * master answers with `drain`, which says who goes on with its connections; without an answer it leaves soon after.
 */
export interface ByeMessage {
  readonly type: 'bye';
  readonly reason: string;
}

export type WorkerMessage =
  | ReadyMessage
  | BootFailedMessage
  | QueuesLeftMessage
  | DrainedMessage
  | ByeMessage
  | CommandMessage
  | ScheduleMessage;

interface AnyMessage {
  readonly type: string;
}

/** One handler for each message of a direction: a new message does not compile until both ends handle it. */
export type Handlers<M extends AnyMessage> = {
  readonly [T in M['type']]: (message: Extract<M, { readonly type: T }>) => void;
};

/**
 * Calls the handler for a message from the channel and says whether there was one. A value of another shape is
 * not an error: applications may use the process's channel too.
 */
export function dispatchMessage<M extends AnyMessage>(
  value: unknown,
  handlers: Handlers<M>,
): boolean {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  const { type } = value;
  if (typeof type !== 'string' || !Object.hasOwn(handlers, type)) return false;
  const handler = handlers[type as M['type']] as (message: M) => void;
  handler(value as M);
  return true;
}
