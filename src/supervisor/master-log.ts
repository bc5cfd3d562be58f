/** The master's log records, in words. Where uWSGI logs the same event, the line begins as its line does. */
import type { Logger } from '../log/logger.js';
import { mercyWords } from '../log/mercy-words.js';
import type { DeathReason } from './workers/death-reason.js';
import { hangFields, hangText, type HangFacts } from './harakiri/harakiri-record.js';
import { workerIdOf, type Slot } from './workers/slot.js';
import type { ReloadManner } from './recycling/replacements.js';
import type { WorkerHandle } from './workers/worker-handle.js';

const seconds = (ms: number): string => (ms / 1000).toFixed(ms < 10_000 ? 2 : 0);

function facts(worker: WorkerHandle): { worker: number; workerPid: number | undefined } {
  return { worker: worker.workerId, workerPid: worker.pid };
}

const RELOAD_WORDS: Readonly<Record<ReloadManner, string>> = {
  graceful: 'one after the other, each successor ready first',
  brutal: 'one after the other, each successor ready first; running requests are cut',
  chain: 'one after the other, each when the old one before it is gone',
};

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
    const what = this.#role === 'worker' ? 'cannot load the application' : 'cannot start';
    this.#logger.error(`${this.#name(worker)} ${what}: ${message}`, {
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
    const mercy = mercyWords(mercyMs / 1000);
    this.#logger.info(`${reason}: stopping gracefully, workers have ${mercy} to finish requests`, {
      event: 'stopping',
      reason,
    });
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

  /** The new master serves; what is said of the workers of the old one. */
  handingOver(reason: string, mercyMs: number): void {
    const mercy = mercyWords(mercyMs / 1000);
    this.#logger.info(`${reason}: the old workers have ${mercy} to finish requests`, {
      event: 'handing-over',
      reason,
    });
  }

  reloading(reason: string, workers: number, manner: ReloadManner): void {
    this.#logger.info(
      `${reason}: ${manner} reload of ${workers} worker(s), ${RELOAD_WORDS[manner]}`,
      { event: 'reloading', reason, manner },
    );
  }

  paused(reason: string, on: boolean): void {
    const what = on
      ? '*** workers suspended: new clients wait in the queues, open connections are served ***'
      : '*** workers resumed ***';
    this.#logger.info(`${reason}: ${what}`, { event: on ? 'paused' : 'resumed', reason });
  }

  stillPaused(): void {
    this.#logger.info('the server is paused: new clients wait in the queues until it is resumed', {
      phase: 'paused',
    });
  }

  revived(reason: string, workers: number): void {
    this.#logger.info(`${reason}: ${workers} worker(s) start without waiting any longer`, {
      event: 'revived',
      reason,
    });
  }

  /** Workers renew themselves for new code, routers for new options. */
  routersReload(reason: string, routers: number): void {
    this.#logger.info(
      `${reason}: options have changed, ${routers} router(s) are replaced, ${RELOAD_WORDS.graceful}`,
      { event: 'routers-reloading', reason },
    );
  }

  reloaded(reason: string, manner: ReloadManner = 'graceful'): void {
    const workers = this.#role === 'worker';
    this.#logger.info(workers ? `${manner} reload complete` : '*** all routers are replaced ***', {
      event: workers ? 'reloaded' : 'routers-reloaded',
      reason,
    });
  }

  recycling(worker: WorkerHandle, reason: string): void {
    this.#logger.info(`${this.#name(worker)} is replaced: ${reason}`, {
      event: 'worker-recycling',
      reason,
      ...facts(worker),
    });
  }

  /** There is no memory for its successor beside it. `alone`: no other worker is ready. */
  goesFirst(worker: WorkerHandle, reason: string, alone: boolean): void {
    const meanwhile = alone ? 'clients wait for it' : 'neighbours serve its queue';
    this.#logger.warn(
      `${this.#name(worker)} goes before its successor starts, ${meanwhile}: ${reason}`,
      { event: 'worker-goes-first', reason, ...facts(worker) },
    );
  }

  /** A worker that left its slot to its successor. `succeeded`: that one was ready before it went. */
  workerRetired(worker: WorkerHandle, { reason }: DeathReason, succeeded: boolean): void {
    const next = succeeded ? 'its successor serves' : 'its successor starts';
    this.#logger.info(`${this.#name(worker)} is gone, ${next}: ${reason}`, {
      event: 'worker-retired',
      reason,
      ...facts(worker),
    });
  }

  /** `kept`: workers that stay as they are. */
  successorFailed(
    worker: WorkerHandle,
    { reason }: DeathReason,
    ofReload: boolean,
    kept: number,
  ): void {
    const what = ofReload ? 'reload failed' : 'replacement failed';
    const has = this.#role === 'worker' ? 'the code they have' : 'the options they have';
    this.#logger.error(
      `${what}: the successor of ${this.#role} ${worker.workerId} died before it was ready: ${reason}; ${kept} ${this.#role}(s) go on with ${has}`,
      { event: 'replacement-failed', reason, reload: ofReload, ...facts(worker) },
    );
  }

  /** The line begins as uWSGI's, and says what is known; the stack follows. */
  harakiri(worker: WorkerHandle, hang: HangFacts, verbose: boolean): void {
    this.#logger.error(
      `*** HARAKIRI ON WORKER ${worker.workerId} (pid: ${worker.pid ?? 0}, try: 1, graceful: no) *** ` +
        hangText(hang, verbose),
      { event: 'harakiri', ...hangFields(hang), ...facts(worker) },
    );
  }

  /** A worker is not needed now; its slot stays empty. */
  workerCheaping(worker: WorkerHandle, reason: string): void {
    this.#logger.info(
      `${this.#name(worker)} is not needed now and finishes what it has: ${reason}`,
      {
        event: 'worker-cheaping',
        reason,
        ...facts(worker),
      },
    );
  }

  workerCheaped(worker: WorkerHandle, { reason }: DeathReason): void {
    this.#logger.info(`tsuwsgi-native ${this.#role} ${worker.workerId} cheaped (${reason})`, {
      event: 'worker-cheaped',
      reason,
      ...facts(worker),
    });
  }

  commandIgnored(reason: string): void {
    this.#logger.info(`${reason}: ignored`, { event: 'command-ignored', reason });
  }

  workerState(worker: WorkerHandle, now: number): void {
    const since = worker.readyAt ?? worker.spawnedAt;
    this.#logger.info(`${this.#name(worker)}: ${worker.state}, for ${seconds(now - since)} s`, {
      event: 'worker-state',
      state: worker.state,
      ...facts(worker),
    });
  }

  /** The state of every place. */
  fleet(slots: readonly Slot[], serverIds: (slot: number) => readonly number[]): void {
    for (const { index, worker, cheaped } of slots) {
      if (worker !== undefined) this.workerState(worker, performance.now());
      else this.slotEmpty(workerIdOf(index), serverIds(index), cheaped);
    }
  }

  slotEmpty(workerId: number, servers: readonly number[], cheaped = false): void {
    const service = servers.length === 0 ? 'nobody' : `${this.#role} ${servers.join(', ')}`;
    this.#logger.info(
      `${this.#role} ${workerId}: ${cheaped ? 'cheaped' : 'waits for its start'}, its connections go to ${service}`,
      {
        event: 'worker-state',
        state: cheaped ? 'cheap' : 'waiting',
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
