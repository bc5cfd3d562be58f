import type { Handlers, Job, Schedule, SignalHandler } from '../app/schedule.js';
import type { ScheduleChange } from '../ipc/application-messages.js';
import { describeTrigger, type Trigger } from '../util/timetable.js';

/** Signals and timers of an application under a master, which keeps the time and chooses the worker. */
export class MasterSchedule implements Schedule {
  readonly #handlers: Handlers;
  readonly #tell: (change: ScheduleChange) => void;

  constructor(handlers: Handlers, tell: (change: ScheduleChange) => void) {
    this.#handlers = handlers;
    this.#tell = tell;
  }

  register(signal: number, target: string, handler: SignalHandler): void {
    this.#handlers.setSignal(signal, handler);
    this.#tell({ type: 'handler', signal, target });
  }

  registered(signal: number): boolean {
    return this.#handlers.hasSignal(signal);
  }

  raise(signal: number): void {
    this.#tell({ type: 'raise', signal });
  }

  signalTimer(signal: number, trigger: Trigger): void {
    const key = `signal ${signal}, ${describeTrigger(trigger)}`;
    this.#tell({ type: 'timer', key, trigger, act: { type: 'signal', signal } });
  }

  job(name: string | undefined, trigger: Trigger, run: Job): () => void {
    const key = this.#handlers.addJob(name, trigger, run);
    this.#tell({ type: 'timer', key, trigger, act: { type: 'job' } });
    return () => {
      this.#handlers.removeJob(key);
      this.#tell({ type: 'leave', key });
    };
  }

  /** The master chose this worker. */
  async runJob(key: string): Promise<void> {
    await this.#handlers.runJob(key);
    this.#tell({ type: 'done', key });
  }
}
