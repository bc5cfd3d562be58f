/** Starts worker processes: the only place that knows how. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { channelToWorker, type Channel } from '../../ipc/channel.js';
import type { Handlers, MasterMessage, WorkerMessage } from '../../ipc/messages.js';
import type { LogRelay } from '../logging/log-relay.js';
import type { ProcessExit } from './death-reason.js';

/** A running worker process, or one that could not be started: then `pid` is undefined and `exited` follows. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  send(message: MasterMessage): void;
  kill(signal: NodeJS.Signals): void;
}

export interface ProcessEvents {
  readonly messages: Handlers<WorkerMessage>;
  /** Once, after the last message. */
  readonly exited: (exit: ProcessExit) => void;
}

/** Starts a worker that inherits the descriptors in this order, the first one as `FIRST_QUEUE_FD`. */
export type SpawnWorker = (fds: readonly number[], events: ProcessEvents) => WorkerProcess;

/** stdin, stdout, stderr and the channel come first. */
export const FIRST_QUEUE_FD = 4;

/**
 * How long the end of the process and the end of its channel may be apart. A dead worker's last messages are in the
 * channel still, which is read to its end unless a process that the worker left behind keeps it open. A worker whose
 * channel ends and that lives on has closed it, and cannot be told anything any more.
 */
const END_LIMIT_MS = 500;

/** Debugger ports cannot be shared, so every worker takes a free one; Node prints which. */
export function workerNodeArgs(execArgv: readonly string[]): string[] {
  return execArgv.map((arg) => {
    const match = /^(--inspect(?:-brk|-wait|-port)?)(?:=(?:(.*):)?\d*)?$/.exec(arg);
    if (match === null) return arg;
    return match[2] === undefined ? `${match[1]}=0` : `${match[1]}=${match[2]}:0`;
  });
}

/** A directory that was deleted (and perhaps made anew) since the start must not keep workers from starting. */
function existingDirectory(directory: string): string {
  return existsSync(directory) ? directory : '/';
}

/** Puts the two ends of a process, its own and its channel's, together into one. */
class ProcessEnd {
  readonly #events: ProcessEvents;
  #limit: NodeJS.Timeout | undefined;
  #exit: ProcessExit | undefined;
  #reported = false;

  constructor(events: ProcessEvents) {
    this.#events = events;
  }

  watch(child: ChildProcess): void {
    child.once('error', (spawnError) => {
      // Also emitted when a signal could not be sent; only a process without pid was never started.
      if (child.pid === undefined) this.#exited({ code: null, signal: null, spawnError });
    });
    child.once('exit', (code, signal) => {
      this.#exited({ code, signal });
    });
    child.once('close', () => {
      this.#report();
    });
  }

  channelClosed(): void {
    if (this.#exit !== undefined) return;
    const reason = 'it closed its channel to the master';
    this.#setLimit(() => this.#events.messages.bye({ type: 'bye', reason }));
  }

  #exited(exit: ProcessExit): void {
    this.#exit = exit;
    this.#setLimit(() => this.#report());
  }

  #report(): void {
    clearTimeout(this.#limit);
    if (this.#reported || this.#exit === undefined) return;
    this.#reported = true;
    this.#events.exited(this.#exit);
  }

  #setLimit(expired: () => void): void {
    clearTimeout(this.#limit);
    this.#limit = setTimeout(expired, END_LIMIT_MS);
  }
}

function failedProcess(error: unknown, events: ProcessEvents): WorkerProcess {
  const spawnError = error as NodeJS.ErrnoException;
  setImmediate(() => events.exited({ code: null, signal: null, spawnError }));
  return { pid: undefined, send: () => undefined, kill: () => undefined };
}

export interface SpawnerOptions {
  /** Path of the worker's main module. */
  readonly entry: string;
  /** Working directory of workers. */
  readonly directory: string;
  /** Options of node itself. */
  readonly nodeArgs: readonly string[];
  /** Takes what workers write; without it they write where the master does. */
  readonly relay?: Pick<LogRelay, 'follow' | 'separatesRequests'> | undefined;
}

export function processSpawner({ entry, directory, nodeArgs, relay }: SpawnerOptions): SpawnWorker {
  const output = relay === undefined ? 'inherit' : 'pipe';
  // Behind the descriptors, where the start message says that it is.
  const requestLog = relay?.separatesRequests === true ? (['pipe'] as const) : [];
  return (fds, events) => {
    let child: ChildProcess;
    try {
      child = spawn(process.execPath, [...nodeArgs, entry], {
        cwd: existingDirectory(directory),
        stdio: ['ignore', output, output, 'ipc', ...fds, ...requestLog],
      });
    } catch (error) {
      return failedProcess(error, events);
    }
    if (relay !== undefined) followOutput(child, relay, FIRST_QUEUE_FD + fds.length);
    const end = new ProcessEnd(events);
    end.watch(child);
    return childWorker(
      child,
      channelToWorker(child, events.messages, () => end.channelClosed()),
    );
  };
}

function followOutput(
  child: ChildProcess,
  relay: Pick<LogRelay, 'follow' | 'separatesRequests'>,
  requestLogFd: number,
): void {
  if (child.stdout !== null) relay.follow(child.stdout, false);
  if (child.stderr !== null) relay.follow(child.stderr, false);
  const requests = relay.separatesRequests ? child.stdio[requestLogFd] : undefined;
  if (requests instanceof Readable) relay.follow(requests, true);
}

function childWorker(child: ChildProcess, channel: Channel<MasterMessage>): WorkerProcess {
  return {
    pid: child.pid,
    send: (message) => void channel.send(message),
    kill: (signal) => void child.kill(signal),
  };
}
