import type { CommandMessage, ScheduleMessage } from '../../ipc/application-messages.js';
import type {
  DrainMessage,
  MasterMessage,
  StartMessage,
  WorkerMessage,
} from '../../ipc/messages.js';
import type { DeathFacts, ProcessExit } from './death-reason.js';
import { nextState, type WorkerEvent, type WorkerState } from './lifecycle.js';
import { LimitTimer } from '../limit-timer.js';
import type { LentRow } from './scoreboard.js';
import type { SpawnWorker, WorkerProcess } from './spawn.js';

/** What the master has to know of; each is called with the state changed already. */
export interface WorkerObserver {
  ready(worker: WorkerHandle, bootMs: number): void;
  /** The application could not be loaded; the process exits right after. */
  bootFailed(worker: WorkerHandle, message: string, stack: string): void;
  /** It takes no new connections any more, on its own account. */
  leaving(worker: WorkerHandle, reason: string): void;
  /** It was told to drain, and new connections are for others from now on. */
  leftQueues(worker: WorkerHandle): void;
  /** It did not keep a limit and was sent SIGKILL. */
  killed(worker: WorkerHandle, reason: string): void;
  gone(worker: WorkerHandle, exit: ProcessExit): void;
  /** Its application has something to say. */
  hear?(worker: WorkerHandle, message: CommandMessage | ScheduleMessage): void;
}

export interface WorkerIdentity {
  readonly slot: number;
  readonly workerId: number;
}

/** A worker that cuts its last requests when its mercy is over needs a moment to say so and go. */
const AFTER_MERCY_MS = 3000;
/** Long enough to give away the connections on which nothing runs. */
const BRUTAL_MERCY_SECONDS = 0.25;
/** For a worker that does not hear: blocked, or stopped. */
const BRUTAL_LIMIT_MS = 1500;

/**
 * The master's picture of one worker process, from its start until it is gone; the slot's next worker gets a new
 * one. Owns the process and its limits.
 */
export class WorkerHandle implements WorkerIdentity {
  readonly slot: number;
  readonly workerId: number;
  /** Milliseconds of performance.now(). */
  readonly spawnedAt = performance.now();
  readyAt: number | undefined;
  /** Where it writes what it does; the slot's owner lends and takes back. */
  board: LentRow | undefined;
  /** By slot: its descriptors of the channels for connections that workers give to each other. */
  senders: readonly number[] = [];
  readonly #observer: WorkerObserver;
  readonly #process: WorkerProcess;
  readonly #limit = new LimitTimer();
  #state: WorkerState = 'booting';
  #asked = false;
  #accepts = false;
  #condemned = false;
  #exitCode: number | undefined;
  #bootFailure: string | undefined;
  #farewell: string | undefined;
  #killReason: string | undefined;

  constructor(
    identity: WorkerIdentity,
    fds: readonly number[],
    spawn: SpawnWorker,
    observer: WorkerObserver,
  ) {
    this.slot = identity.slot;
    this.workerId = identity.workerId;
    this.#observer = observer;
    this.#process = spawn(fds, {
      messages: {
        ready: (message) => this.#onReady(message),
        'boot-failed': (message) => this.#onBootFailed(message),
        'queues-left': () => this.#onQueuesLeft(),
        drained: () => undefined,
        bye: (message) => this.#onBye(message),
        command: (message) => this.#observer.hear?.(this, message),
        schedule: (message) => this.#observer.hear?.(this, message),
      },
      exited: (exit) => this.#onExit(exit),
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** It was told to drain or stop. */
  get asked(): boolean {
    return this.#asked;
  }

  /** It may take new connections: also one that was told to drain does, until it has read so. */
  get accepts(): boolean {
    return this.#accepts && this.#state !== 'killed';
  }

  /** It will be killed in a moment. */
  get condemned(): boolean {
    return this.#condemned;
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** The exit code a failed boot asked for. */
  get bootExitCode(): number | undefined {
    return this.#exitCode;
  }

  start(message: StartMessage, bootLimitMs: number): void {
    this.senders = message.handOver?.senders ?? [];
    this.send(message);
    this.#limit.set(bootLimitMs, () => {
      this.kill(`not ready within --boot-timeout (${bootLimitMs / 1000} s)`);
    });
  }

  send(message: MasterMessage): void {
    this.#process.send(message);
  }

  /**
   * Asks for a graceful end. A worker ends by itself when its mercy is over; one that does not, because its JavaScript
   * thread is blocked or it is stopped, is killed a moment later. `othersGoOn`: only this worker ends, not the server;
   * its idle connections go to the worker of the slot `handTo`, or to whoever comes there next; 'nobody': they close.
   */
  drain(
    reason: string,
    mercyMs: number,
    othersGoOn = false,
    handTo: number | 'nobody' = this.slot,
  ): void {
    this.#asked = true;
    this.#apply('drain');
    const taker = handTo === 'nobody' ? {} : { handTo };
    this.#orderDrain(reason, mercyMs, othersGoOn ? { othersGoOn, ...taker } : {});
  }

  /** As `drain` beside others, but running requests are cut a moment later. Connections without one go to `handTo`. */
  drainBrutally(reason: string, handTo: number): void {
    this.#asked = true;
    this.#apply('drain');
    const [mercySeconds, limit] = [BRUTAL_MERCY_SECONDS, BRUTAL_LIMIT_MS / 1000];
    this.send({ type: 'drain', reason, mercySeconds, brutal: true, othersGoOn: true, handTo });
    this.#limit.set(BRUTAL_LIMIT_MS, () => this.kill(`did not stop within ${limit} s`));
  }

  /** For one that said that it leaves: who goes on with its connections. It was not asked to. */
  orderToLeave(reason: string, mercyMs: number, handTo: number): void {
    this.#orderDrain(reason, mercyMs, { othersGoOn: true, handTo });
  }

  /** Asks for an end at once and kills after `graceMs`: a blocked or stopped process does not hear. */
  stop(reason: string, graceMs: number): void {
    this.#asked = true;
    this.#apply('drain');
    this.send({ type: 'stop', reason });
    this.#limit.set(graceMs, () => this.kill(`did not stop within ${graceMs / 1000} s`));
  }

  /** `mercyMs`: 0: it may take as long as its requests do. */
  #orderDrain(
    reason: string,
    mercyMs: number,
    connections: Pick<DrainMessage, 'othersGoOn' | 'handTo'>,
  ): void {
    this.send({ type: 'drain', reason, mercySeconds: mercyMs / 1000, ...connections });
    this.#limit.set(mercyMs === 0 ? 0 : mercyMs + AFTER_MERCY_MS, () => {
      this.kill(`not gone within --worker-reload-mercy (${mercyMs / 1000} s)`);
    });
  }

  /** Nobody counts on it any more, and what it says is too late: it is killed in a moment. False where it is dead. */
  condemn(): boolean {
    if (this.#condemned || this.#state === 'gone' || this.#state === 'killed') return false;
    this.#condemned = true;
    this.#apply('bye');
    this.#limit.clear();
    return true;
  }

  kill(reason: string): void {
    if (this.#state === 'gone' || this.#state === 'killed') return;
    this.#apply('kill');
    this.#limit.clear();
    this.#killReason = reason;
    this.#process.kill('SIGKILL');
    this.#observer.killed(this, reason);
  }

  /** How long it was ready, in milliseconds; undefined when it never was. */
  readyForMs(now: number): number | undefined {
    return this.readyAt === undefined ? undefined : now - this.readyAt;
  }

  deathFacts(exit: ProcessExit, oomKills: number): DeathFacts {
    return {
      exit,
      oomKills,
      asked: this.#asked,
      killReason: this.#killReason,
      bootFailure: this.#bootFailure,
      farewell: this.#farewell,
    };
  }

  /** false when the event makes no sense in the current state: it is ignored then. */
  #apply(event: WorkerEvent): boolean {
    const next = nextState(this.#state, event);
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }

  #onReady(message: Extract<WorkerMessage, { type: 'ready' }>): void {
    const booting = this.#state === 'booting';
    if (!this.#apply('ready')) return;
    this.#accepts = true;
    if (!booting) return;
    this.#limit.clear();
    this.readyAt = performance.now();
    this.#observer.ready(this, message.bootMs);
  }

  #onBootFailed(message: Extract<WorkerMessage, { type: 'boot-failed' }>): void {
    if (this.#bootFailure !== undefined || this.#state !== 'booting') return;
    this.#bootFailure = message.message;
    this.#exitCode = message.exitCode;
    this.#observer.bootFailed(this, message.message, message.stack);
  }

  #onBye(message: Extract<WorkerMessage, { type: 'bye' }>): void {
    const asked = this.#state !== 'booting' && this.#state !== 'ready';
    if (!this.#apply('bye') || asked) return;
    this.#farewell = message.reason;
    this.#observer.leaving(this, message.reason);
  }

  #onQueuesLeft(): void {
    this.#accepts = false;
    this.#observer.leftQueues(this);
  }

  #onExit(exit: ProcessExit): void {
    this.#limit.clear();
    if (this.#apply('exit')) this.#observer.gone(this, exit);
  }
}
