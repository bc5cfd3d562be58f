import { closeSync } from 'node:fs';
import { loadAddon } from '../binding/load.js';
import { processTitle } from '../config/process-title.js';
import { AppLoadError } from '../errors.js';
import { channelToMaster, type Channel } from '../ipc/channel.js';
import { ExitCode } from '../ipc/exit-codes.js';
import type { StartMessage, WorkerMessage } from '../ipc/messages.js';
import { ScoreboardRow, scoreboardBytes } from '../ipc/scoreboard.js';
import { loggerFor } from '../log/config-logger.js';
import { createLogger, type Logger } from '../log/logger.js';
import { sendOutputTo } from '../startup/log-file.js';
import { drainWithin } from './drain-within.js';
import { watchFaults } from './faults.js';
import { loadFields, Worker, type WorkerOptions } from './worker.js';

const LOG_FD = 2;
/** The channel's last messages are written by then. */
const FAREWELL_MS = 1000;
const DEFAULT_MERCY_SECONDS = 60;

/** What lives in a child process: the worker, or another service that comes and goes as one. */
export type Service = Pick<Worker, 'start' | 'adopt' | 'release' | 'drain' | 'stop'>;

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

/** The descriptor is not needed any more once the memory is mapped. */
function mapRow(scoreboard: StartMessage['scoreboard']): ScoreboardRow | undefined {
  if (scoreboard === undefined) return undefined;
  const { fd, rows, row } = scoreboard;
  const memory = loadAddon().mapSharedMemory(fd, scoreboardBytes(rows));
  closeSync(fd);
  return new ScoreboardRow(memory, row);
}

class Child {
  #phase: 'waiting' | 'loading' | 'running' | 'leaving' | 'gone' = 'waiting';
  readonly #kind: ChildKind;
  #worker: Service | undefined;
  #logger: Logger = createLogger({ format: 'text', fd: LOG_FD });
  #config: StartMessage['config'] | undefined;
  #mercySeconds = DEFAULT_MERCY_SECONDS;
  #channel: Channel<WorkerMessage> | undefined;
  #exitCode: number = ExitCode.OK;

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
        drain: ({ othersGoOn }) => void this.#drain(ExitCode.DRAINED, othersGoOn),
        'reopen-log': ({ file }) => this.#reopenLog(file),
        stop: () => this.#stop(),
      },
      () => this.#masterGone(),
    );
  }

  async #start(message: StartMessage): Promise<void> {
    const { config, workerId, queues, listeners } = message;
    this.#phase = 'loading';
    this.#mercySeconds = config.workerReloadMercy;
    const title = processTitle(config, { kind: this.#kind.role, id: workerId });
    if (title !== undefined) process.title = title;
    this.#logger = loggerFor(config);
    this.#config = config;
    watchFaults(this.#logger, (error) => this.#onException(error));
    try {
      const options: WorkerOptions = {
        config,
        workerId,
        queues,
        listeners,
        logger: this.#logger,
        queuesLeft: () => closeQueues(queues),
        row: mapRow(message.scoreboard),
        requestLogFd: message.requestLogFd,
      };
      this.#worker = this.#kind.create(options, message);
      await this.#worker.start();
      if (this.#endsAlready()) return;
      this.#phase = 'running';
      this.#channel?.send({ type: 'ready', bootMs: Math.round(process.uptime() * 1000) });
    } catch (error) {
      this.#bootFailed(error);
    }
  }

  /** An order to end may come while the application loads. */
  #endsAlready(): boolean {
    return this.#phase !== 'loading';
  }

  #reopenLog(file: string): void {
    if (this.#config === undefined) return;
    try {
      sendOutputTo(file, { ...this.#config, truncate: false });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.error(`log file ${file} cannot be opened anew: ${reason}`, { reason });
    }
  }

  #bootFailed(error: unknown): void {
    const known = error instanceof AppLoadError;
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
   * The process is in an unknown state: what runs is finished, and the master starts another
   * worker.
   */
  #onException(error: unknown): void {
    if (this.#phase === 'loading') this.#bootFailed(error);
    else this.#leave('uncaught exception', ExitCode.FAILED);
  }

  /** Leaves unasked. */
  #leave(reason: string, exitCode: number): void {
    if (this.#phase === 'running') this.#channel?.send({ type: 'bye', reason });
    void this.#drain(exitCode, true);
  }

  async #drain(exitCode: number, othersGoOn = false): Promise<void> {
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
      await drainWithin(this.#worker, this.#mercySeconds, cut, othersGoOn);
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
