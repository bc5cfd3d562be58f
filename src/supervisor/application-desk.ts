import { createApplicationMemory } from '../binding/application-memory.js';
import type { NativeAddon } from '../binding/native.js';
import { applicationMemoryPlan } from '../config/cache-settings.js';
import type { Config } from '../config/config.js';
import type { CommandMessage, ScheduleMessage, TimerAct } from '../ipc/application-messages.js';
import type { Logger } from '../log/logger.js';
import type { KeptMemory } from '../startup/inheritance.js';
import { checkTrigger, Timetable } from '../util/timetable.js';
import { keptMemory } from './kept-memory.js';
import { LostLocks, type LostLocksOptions } from './lost-locks.js';
import type { ObservedMemory } from './stats/shared-stats.js';
import { leastBusy, signalReceivers, type Candidate } from './user-signals.js';
import type { WorkerHandle } from './workers/worker-handle.js';

export interface ApplicationDeskOptions {
  readonly logger: Logger;
  readonly shared: ObservedMemory & { readonly locks: LostLocksOptions['locks'] };
  /** How the workers inherit it; the descriptor is open for the master's whole life. */
  readonly memory: KeptMemory;
  readonly readyWorkers: () => readonly WorkerHandle[];
  /** Of all workers of this master that are not yet `gone`. */
  readonly ownPids: () => ReadonlySet<number>;
  /** `reason`: who gave the command, for the log. */
  readonly command: (command: CommandMessage['command'], reason: string) => void;
}

interface Signal {
  target: string;
  readonly workers: Set<WorkerHandle>;
}

interface Timer {
  readonly act: TimerAct;
  /** Workers that take part. */
  readonly workers: Set<WorkerHandle>;
  /** Whose job it is now. */
  running: WorkerHandle | undefined;
  /** Times it was due while it still ran, since it last began. */
  missed: number;
}

interface Choice extends Candidate {
  readonly worker: WorkerHandle;
}

/**
 * The master's side of the package's functions: takes commands from the application, keeps the time of its timers,
 * chooses the workers that signals and jobs go to, and gives back the locks of workers that died.
 */
export class ApplicationDesk {
  readonly #options: ApplicationDeskOptions;
  readonly #signals = new Map<number, Signal>();
  readonly #timers = new Map<string, Timer>();
  readonly #lostLocks: LostLocks;
  readonly #timetable = new Timetable({ idle: false, due: (key) => this.#due(key) });

  constructor(options: ApplicationDeskOptions) {
    this.#options = options;
    const { shared, ownPids, logger } = options;
    const { locks, lockCount: count } = shared;
    this.#lostLocks = new LostLocks({ locks, count, ownPids, logger });
  }

  get memory(): KeptMemory {
    return this.#options.memory;
  }

  /** For the server that takes this one's place: workers of two masters use the memory from now on. */
  lend(): KeptMemory {
    this.watchOthers();
    return this.#options.memory;
  }

  /** Other masters' workers use the memory too. */
  watchOthers(): void {
    this.#lostLocks.watchOthers();
  }

  /** Locks and caches, as the master has them before it. */
  get shared(): ObservedMemory {
    return this.#options.shared;
  }

  hear(worker: WorkerHandle, message: CommandMessage | ScheduleMessage): void {
    if (message.type === 'command') {
      const reason = `${message.command}() of the application: ${message.reason}`;
      this.#options.command(message.command, reason);
    } else {
      this.#change(worker, message.change);
    }
  }

  /** The process is gone, with all that it took part in. */
  gone(worker: WorkerHandle): void {
    for (const { workers } of this.#signals.values()) workers.delete(worker);
    for (const timer of this.#timers.values()) {
      timer.workers.delete(worker);
      if (timer.running === worker) timer.running = undefined;
    }
    const { pid, workerId } = worker;
    if (pid !== undefined) this.#lostLocks.giveBack(pid, `worker ${workerId}`, workerId);
  }

  stop(): void {
    this.#timetable.clear();
    this.#lostLocks.stop();
  }

  #change(worker: WorkerHandle, change: ScheduleMessage['change']): void {
    switch (change.type) {
      case 'handler':
        this.#addHandler(worker, change.signal, change.target);
        break;
      case 'raise':
        this.#raise(change.signal, worker);
        break;
      case 'timer':
        this.#join(worker, change);
        break;
      case 'leave':
        this.#leave(worker, change.key);
        break;
      case 'done':
        this.#done(worker, change.key);
        break;
    }
  }

  /** The last one to say decides the target: after a reload that is the new code. */
  #addHandler(worker: WorkerHandle, number: number, target: string): void {
    const signal = this.#signals.get(number);
    if (signal === undefined) {
      this.#signals.set(number, { target, workers: new Set([worker]) });
      return;
    }
    signal.target = target;
    signal.workers.add(worker);
  }

  #raise(number: number, by?: WorkerHandle): void {
    const signal = this.#signals.get(number);
    const receivers =
      signal === undefined ? [] : signalReceivers(signal.target, this.#ready(signal.workers));
    for (const { worker } of receivers) worker.send({ type: 'user-signal', signal: number });
    if (receivers.length > 0 || by === undefined) return;
    this.#options.logger.warn(
      `signal ${number} of worker ${by.workerId} (pid ${by.pid ?? 0}) goes to nobody: no ready worker has registered it`,
      { reason: 'no-receiver', signal: number, workerId: by.workerId, workerPid: by.pid },
    );
  }

  #join(
    worker: WorkerHandle,
    { key, trigger, act }: Extract<ScheduleMessage['change'], { type: 'timer' }>,
  ): void {
    const known = this.#timers.get(key);
    if (known !== undefined) {
      known.workers.add(worker);
      return;
    }
    checkTrigger(trigger);
    this.#timers.set(key, { act, workers: new Set([worker]), running: undefined, missed: 0 });
    this.#timetable.add(key, trigger);
  }

  #leave(worker: WorkerHandle, key: string): void {
    this.#timers.get(key)?.workers.delete(worker);
  }

  #done(worker: WorkerHandle, key: string): void {
    const timer = this.#timers.get(key);
    if (timer?.running === worker) timer.running = undefined;
  }

  #due(key: string): void {
    const timer = this.#timers.get(key);
    if (timer === undefined) return;
    const candidates = this.#ready(timer.workers);
    if (candidates.length === 0) this.#withoutWorkers(key, timer);
    else if (timer.act.type === 'signal') this.#raise(timer.act.signal);
    else this.#run(key, timer, candidates);
  }

  /** Workers that are ready and take no part have other code: the timer is theirs no more. */
  #withoutWorkers(key: string, timer: Timer): void {
    if (timer.workers.size > 0 || this.#options.readyWorkers().length === 0) return;
    this.#timers.delete(key);
    this.#timetable.remove(key);
  }

  #run(key: string, timer: Timer, candidates: readonly Choice[]): void {
    if (timer.running !== undefined) {
      this.#missed(key, timer, timer.running);
      return;
    }
    timer.running = leastBusy(candidates)?.worker;
    timer.missed = 0;
    timer.running?.send({ type: 'run-job', key });
  }

  #missed(key: string, timer: Timer, worker: WorkerHandle): void {
    timer.missed += 1;
    if (timer.missed > 1) return;
    this.#options.logger.warn(
      `job "${key}" is due and still runs in worker ${worker.workerId} (pid ${worker.pid ?? 0}): not started a second time`,
      { reason: 'still-running', job: key, workerId: worker.workerId, workerPid: worker.pid },
    );
  }

  #ready(among: ReadonlySet<WorkerHandle>): Choice[] {
    return this.#options
      .readyWorkers()
      .filter((worker) => among.has(worker))
      .map((worker) => ({
        worker,
        workerId: worker.workerId,
        inFlight: worker.board?.row.get('IN_FLIGHT') ?? 0,
      }));
  }
}

/**
 * Makes the memory that the workers share, and the desk; or goes on with the memory that a running server left, where its
 * locks and caches are the configured ones. Throws a system error where there is no memory for it.
 */
export function openApplicationDesk(
  config: Config,
  addon: NativeAddon,
  options: Omit<ApplicationDeskOptions, 'shared' | 'memory'>,
  left: KeptMemory | undefined,
): ApplicationDesk {
  const plan = applicationMemoryPlan(config);
  const kept = keptMemory(left, plan, addon, options.logger);
  const { fd, memory } = kept ?? createApplicationMemory(plan, addon);
  const layout = addon.memoryLayout;
  const desk = new ApplicationDesk({ ...options, shared: memory, memory: { fd, layout, plan } });
  if (kept !== undefined) desk.watchOthers();
  return desk;
}
