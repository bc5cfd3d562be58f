/** The master's log records, in words. Where uWSGI logs the same event, the line begins as its line does. */
import type { Logger } from '../log/logger.js';
import type { DeathReason } from './death-reason.js';
import type { ReplacementOrder } from './replacements.js';
import type { HarakiriFacts } from './watch.js';
import type { WorkerHandle } from './worker-handle.js';

const seconds = (ms: number): string => (ms / 1000).toFixed(ms < 10_000 ? 2 : 0);

function facts(worker: WorkerHandle): { worker: number; workerPid: number | undefined } {
  return { worker: worker.workerId, workerPid: worker.pid };
}

export class MasterLog {
  readonly #logger: Logger;
  /** What the processes are that the records are about. */
  readonly #role: 'worker' | 'router';

  constructor(logger: Logger, role: 'worker' | 'router' = 'worker') {
    this.#logger = logger;
    this.#role = role;
  }

  #name(worker: WorkerHandle): string {
    return `${this.#role} ${worker.workerId} (pid: ${worker.pid ?? 'none'})`;
  }

  masterSpawned(): void {
    this.#logger.fact(`spawned tsuwsgi-native master process (pid: ${process.pid})`);
  }

  workerSpawned(worker: WorkerHandle, cores: number, again: boolean): void {
    if (worker.pid === undefined) return;
    const { workerId, pid } = worker;
    const fields = { event: 'worker-spawned', ...facts(worker) };
    if (again)
      this.#logger.info(
        `Respawned tsuwsgi-native ${this.#role} ${workerId} (new pid: ${pid})`,
        fields,
      );
    else
      this.#logger.fact(
        `spawned tsuwsgi-native ${this.#role} ${workerId} (pid: ${pid}, cores: ${cores})`,
        fields,
      );
  }

  workerReady(worker: WorkerHandle, bootMs: number): void {
    this.#logger.info(`${this.#name(worker)} is ready after ${seconds(bootMs)} s`, {
      event: 'worker-ready',
      bootMs: Math.round(bootMs),
      ...facts(worker),
    });
  }

  bootFailed(worker: WorkerHandle, message: string, stack: string): void {
    this.#logger.error(`${this.#name(worker)} cannot load the application: ${message}`, {
      event: 'boot-failed',
      reason: message,
      stack,
      ...facts(worker),
    });
  }

  workerLeaving(worker: WorkerHandle, reason: string): void {
    this.#logger.info(`${this.#name(worker)} leaves: ${reason}`, {
      event: 'worker-leaving',
      reason,
      ...facts(worker),
    });
  }

  /** `stalled`: it was asked to go and did not; otherwise it never became ready. */
  workerKilled(worker: WorkerHandle, reason: string): void {
    const stalled = worker.readyAt !== undefined;
    const what =
      stalled && worker.asked ? 'is taking too much time to die...NO MERCY !!!' : 'is killed';
    this.#logger.error(`${this.#name(worker)} ${what} (${reason})`, {
      event: 'worker-killed',
      reason,
      ...facts(worker),
    });
  }

  /** `servers`: ids of the workers that poll its queues from now on. */
  workerDied(
    worker: WorkerHandle,
    { reason, crash }: DeathReason,
    delayMs: number,
    servers: readonly number[],
  ): void {
    const when =
      delayMs === 0 ? 'trying respawn ...' : `trying respawn in ${seconds(delayMs)} s ...`;
    const service =
      servers.length === 0
        ? `connections wait until a ${this.#role} is ready`
        : `its connections go to ${this.#role} ${servers.join(', ')}`;
    const message = `${this.#name(worker)} died: ${reason}; ${service}; ${when}`;
    const fields = { event: 'worker-died', reason, crash, respawnInMs: delayMs, ...facts(worker) };
    if (crash) this.#logger.error(`DAMN ! ${message}`, fields);
    else this.#logger.warn(message, fields);
  }

  workerBuried(worker: WorkerHandle, { reason }: DeathReason, stoppingForMs: number): void {
    const { workerId } = worker;
    this.#logger.info(
      `${this.#role} ${workerId} buried after ${seconds(stoppingForMs)} s: ${reason}`,
      {
        event: 'worker-buried',
        reason,
        ...facts(worker),
      },
    );
  }

  stopping(reason: string, mercyMs: number): void {
    const mercy = mercyMs / 1000;
    this.#logger.info(
      `${reason}: stopping gracefully, workers have ${mercy} s to finish requests`,
      {
        event: 'stopping',
        reason,
      },
    );
  }

  stoppingNow(reason: string): void {
    this.#logger.info(`${reason}: stopping now...killing workers...`, {
      event: 'stopping',
      reason,
    });
  }

  givingUp(deaths: number, last: string): void {
    const message =
      `giving up: ${deaths} ${this.#role}s in a row died before any was ready (--respawn-give-up); ` +
      `the last one: ${last}. Remove the cause, then start the server again`;
    this.#logger.error(message, { event: 'giving-up', reason: last, deaths });
  }

  reloading(reason: string, workers: number): void {
    this.#logger.info(
      `${reason}: graceful reload of ${workers} worker(s), one after the other, each successor ready first`,
      { event: 'reloading', reason },
    );
  }

  reloaded(reason: string): void {
    this.#logger.info('graceful reload complete', { event: 'reloaded', reason });
  }

  recycling(worker: WorkerHandle, reason: string): void {
    this.#logger.info(`${this.#name(worker)} is replaced: ${reason}`, {
      event: 'worker-recycling',
      reason,
      ...facts(worker),
    });
  }

  /** A worker whose successor took its place. */
  workerRetired(worker: WorkerHandle, { reason }: DeathReason): void {
    this.#logger.info(`${this.#name(worker)} is gone, its successor serves: ${reason}`, {
      event: 'worker-retired',
      reason,
      ...facts(worker),
    });
  }

  /** `kept`: workers that stay as they are. */
  successorFailed(
    worker: WorkerHandle,
    { reason }: DeathReason,
    order: ReplacementOrder | undefined,
    kept: number,
  ): void {
    const what = order?.reload === true ? 'reload failed' : 'replacement failed';
    this.#logger.error(
      `${what}: the successor of worker ${worker.workerId} died before it was ready: ${reason}; ${kept} worker(s) go on with the code they have`,
      { event: 'replacement-failed', reason, reload: order?.reload === true, ...facts(worker) },
    );
  }

  /** The line that uWSGI writes, and what is known about the request. */
  harakiri(worker: WorkerHandle, { blockedMs, call, inFlight, kernel }: HarakiriFacts): void {
    const doing = call ?? 'code that runs outside of requests, or behind an await';
    const inKernel =
      kernel === undefined ? '' : `; syscall> ${kernel.syscall}; wchan> ${kernel.wchan}`;
    this.#logger.error(
      `*** HARAKIRI ON WORKER ${worker.workerId} (pid: ${worker.pid ?? 0}, try: 1, graceful: no) *** ` +
        `JavaScript blocked for ${seconds(blockedMs)} s in: ${doing}; ${inFlight} request(s) in flight${inKernel}`,
      {
        event: 'harakiri',
        reason: 'blocked',
        blockedMs: Math.round(blockedMs),
        call,
        inFlight,
        ...kernel,
        ...facts(worker),
      },
    );
  }

  signalIgnored(signal: string): void {
    this.#logger.info(`${signal} ignored`, { event: 'signal-ignored' });
  }

  workerState(worker: WorkerHandle, now: number): void {
    const since = worker.readyAt ?? worker.spawnedAt;
    this.#logger.info(`${this.#name(worker)}: ${worker.state}, for ${seconds(now - since)} s`, {
      event: 'worker-state',
      state: worker.state,
      ...facts(worker),
    });
  }

  slotEmpty(workerId: number, servers: readonly number[]): void {
    const service = servers.length === 0 ? 'nobody' : `${this.#role} ${servers.join(', ')}`;
    this.#logger.info(
      `${this.#role} ${workerId}: waits for its respawn, its connections go to ${service}`,
      {
        event: 'worker-state',
        state: 'waiting',
        worker: workerId,
      },
    );
  }

  internalError(error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#logger.error('internal error in the master, which goes on', {
      event: 'internal-error',
      stack,
    });
  }

  goodbye(exitCode: number): void {
    this.#logger.info('goodbye to tsuwsgi-native.', { event: 'goodbye', exitCode });
  }
}
