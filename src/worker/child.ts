import { loadAddon } from '../binding/load.js';
import { processTitle } from '../config/process-title.js';
import { TsuwsgiError } from '../errors.js';
import { channelToMaster, type Channel } from '../ipc/channel.js';
import { ExitCode } from '../ipc/exit-codes.js';
import type { StartMessage, WorkerMessage } from '../ipc/messages.js';
import { directLogger } from '../log/config-logger.js';
import { linesDropped } from '../log/line-sink.js';
import type { Logger } from '../log/logger.js';
import { standardError } from '../startup/log-output.js';
import { brutalMercy, drainWithin, mercyOf } from './drain-within.js';
import { watchFaults } from './faults.js';
import { isEndOfRequest } from './gateway/failure-words.js';
import { loadFields } from './loading/load-failure.js';
import { mapRow } from './map-row.js';
import { reopenOutput } from './reopen-output.js';
import { Worker, type WorkerOptions } from './worker.js';

/** The channel's last messages are written by then. */
const FAREWELL_MS = 1000;
/** A master that does not answer is busy or stopped: the worker leaves without it. */
const ORDER_LIMIT_MS = 500;
const DEFAULT_MERCY_SECONDS = 60;

/** What lives in a child process: the worker, or another service that comes and goes as one. */
export interface Service extends Pick<
  Worker,
  'start' | 'adopt' | 'release' | 'hold' | 'drain' | 'stop'
> {
  /** Hears the application's signals and jobs. */
  readonly application?: Worker['application'];
}

export interface ChildKind {
  /** For names and log lines. */
  readonly role: 'worker' | 'router';
  /** What it makes of the master's first message. */
  readonly create: (options: WorkerOptions, message: StartMessage) => Service;
}

const WORKER: ChildKind = { role: 'worker', create: (options) => new Worker(options) };

/**
 * A process under a master. The messages and the rules of the channel stand in src/ipc/messages.ts.
 */
export function runChild(kind: ChildKind = WORKER): void {
  new Child(kind).listen();
}

/** This process's copies: the master has its own, and closes those when the server stops. */
function closeQueues(queues: StartMessage['queues']): void {
  for (const { fd } of queues) loadAddon().closeListener(fd);
}

class Child {
  #phase: 'waiting' | 'loading' | 'running' | 'leaving' | 'gone' = 'waiting';
  readonly #kind: ChildKind;
  #worker: Service | undefined;
  #logger: Logger = directLogger({ logFormat: 'uwsgi', logDate: undefined }, standardError());
  #config: StartMessage['config'] | undefined;
  #mercy = mercyOf(DEFAULT_MERCY_SECONDS);
  #channel: Channel<WorkerMessage> | undefined;
  #handOver: StartMessage['handOver'];
  #exitCode: number = ExitCode.OK;
  /** Exit code of a worker that has said `bye`. */
  #leavesWith: number | undefined;

  constructor(kind: ChildKind) {
    this.#kind = kind;
  }

  listen(): void {
    // The terminal sends these to the whole process group; what they mean is the master's decision.
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGHUP'] as const)
      process.on(signal, () => undefined);
    process.on('SIGTERM', () => this.#leave('SIGTERM', ExitCode.DRAINED));
    this.#channel = channelToMaster(
      {
        start: (message) => void this.#start(message),
        adopt: ({ queues }) => this.#worker?.adopt(queues),
        release: ({ queues }) => this.#worker?.release(queues),
        hold: ({ on }) => this.#worker?.hold(on),
        'user-signal': ({ signal }) => this.#worker?.application?.signalled(signal),
        'run-job': ({ key }) => this.#worker?.application?.runJob(key),
        drain: ({ mercySeconds, othersGoOn, handTo, brutal }) => {
          this.#mercy = brutal === true ? brutalMercy(mercySeconds) : mercyOf(mercySeconds);
          const exitCode = this.#leavesWith ?? ExitCode.DRAINED;
          void this.#drain(exitCode, othersGoOn, this.#channelTo(handTo));
        },
        'reopen-log': ({ file }) => this.#reopenLog(file),
        stop: () => this.#stop(),
      },
      () => this.#masterGone(),
    );
  }

  async #start(message: StartMessage): Promise<void> {
    const { config, workerId, queues, listeners } = message;
    this.#phase = 'loading';
    const mercySeconds = config.workerReloadMercy;
    this.#mercy = mercyOf(mercySeconds);
    // Blocked JavaScript does not hear that the master is gone: the kernel ends it a moment after its time is up.
    if (mercySeconds > 0) loadAddon().endAfterParent(Math.ceil(mercySeconds) + 1);
    const title = processTitle(config, { kind: this.#kind.role, id: workerId });
    if (title !== undefined) process.title = title;
    this.#logger = directLogger(config, standardError());
    this.#config = config;
    this.#handOver = message.handOver;
    watchFaults(this.#logger, (error) => this.#onException(error));
    try {
      const row = message.scoreboard && mapRow(message.scoreboard, loadAddon());
      // Behind the last attempt of the log, which is older than this listener.
      process.once('exit', () => row?.set('LOG_LINES_DROPPED', linesDropped()));
      const options: WorkerOptions = {
        config,
        workerId,
        queues,
        listeners,
        logger: this.#logger,
        queuesLeft: () => this.#queuesLeft(queues),
        row,
        handOver: message.handOver,
        applicationMemory: message.applicationMemory,
        tell: (news) => void this.#channel?.send(news),
        requestLogFd: message.requestLogFd,
      };
      this.#worker = this.#kind.create(options, message);
      this.#worker.hold(message.held === true);
      await this.#worker.start();
      if (this.#endsAlready()) return;
      this.#phase = 'running';
      this.#channel?.send({ type: 'ready', bootMs: Math.round(process.uptime() * 1000) });
    } catch (error) {
      this.#bootFailed(error);
    }
  }

  #queuesLeft(queues: StartMessage['queues']): void {
    closeQueues(queues);
    this.#channel?.send({ type: 'queues-left' });
  }

  /** An order to end may come while the application loads. */
  #endsAlready(): boolean {
    return this.#phase !== 'loading';
  }

  #reopenLog(file: string): void {
    if (this.#config !== undefined) reopenOutput(file, this.#config, this.#logger);
  }

  #bootFailed(error: unknown): void {
    const known = error instanceof TsuwsgiError;
    const message = error instanceof Error ? error.message : String(error);
    const stack = known
      ? (loadFields(error).stack ?? '')
      : error instanceof Error
        ? (error.stack ?? '')
        : '';
    const exitCode = (known ? error.exitCode : undefined) ?? ExitCode.FAILED;
    this.#channel?.send({ type: 'boot-failed', message, stack, exitCode });
    this.#exit(exitCode);
  }

  /**
   * The process is in an unknown state: what runs is finished, and the master starts another worker. Not where the error
   * says that a request is over: clients end requests when they like, and must not be able to end workers.
   */
  #onException(error: unknown): void {
    if (this.#phase === 'loading') this.#bootFailed(error);
    else if (!isEndOfRequest(error)) this.#leave('uncaught exception', ExitCode.FAILED);
  }

  /** Leaves unasked. The master answers with the order to drain, which says who goes on with the connections. */
  #leave(reason: string, exitCode: number): void {
    if (this.#phase !== 'running') void this.#drain(exitCode, true);
    else if (this.#leavesWith === undefined) {
      this.#leavesWith = exitCode;
      this.#worker?.hold(true);
      this.#channel?.send({ type: 'bye', reason });
      setTimeout(() => void this.#drain(exitCode, true), ORDER_LIMIT_MS).unref();
    }
  }

  /** Sending end of the channel to this slot's worker. */
  #channelTo(slot: number | undefined): number {
    return slot === undefined ? -1 : (this.#handOver?.senders[slot] ?? -1);
  }

  async #drain(exitCode: number, othersGoOn = false, taker = -1): Promise<void> {
    if (this.#phase === 'leaving' || this.#phase === 'gone') return;
    const running = this.#phase === 'running';
    this.#phase = 'leaving';
    if (running && this.#worker !== undefined) {
      const cut = (reason: string): void => {
        this.#logger.warn(
          `${this.#kind.role} (pid ${process.pid}) cuts what still runs: ${reason}`,
          { reason },
        );
        this.#stop();
      };
      await drainWithin(this.#worker, this.#mercy, cut, othersGoOn, taker);
    }
    this.#channel?.send({ type: 'drained' });
    this.#exit(exitCode);
  }

  #stop(): void {
    this.#worker?.stop();
    this.#exit(ExitCode.OK);
  }

  #masterGone(): void {
    if (this.#phase === 'gone') process.exit(this.#exitCode);
    this.#logger.warn(
      `the master is gone: ${this.#kind.role} (pid ${process.pid}) finishes what runs and exits`,
      { reason: 'master-gone' },
    );
    void this.#drain(ExitCode.FAILED);
  }

  /** Closes the channel, which writes what is queued, and ends the process when it is closed. */
  #exit(code: number): void {
    if (this.#phase === 'gone') return;
    this.#phase = 'gone';
    this.#exitCode = code;
    if (!process.connected) process.exit(code);
    setTimeout(() => process.exit(code), FAREWELL_MS);
    this.#channel?.close();
  }
}
