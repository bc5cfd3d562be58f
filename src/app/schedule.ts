import { describeTrigger, Timetable, type Trigger } from '../util/timetable.js';

export type SignalHandler = (signal: number) => unknown;
export type Job = () => unknown;

/** Signals, timers and jobs of the application. */
export interface Schedule {
  register(signal: number, target: string, handler: SignalHandler): void;
  registered(signal: number): boolean;
  raise(signal: number): void;
  /** Raises the signal whenever the trigger is due. */
  signalTimer(signal: number, trigger: Trigger): void;
  /** Runs in one worker whenever the trigger is due. Returns what ends it in this process. */
  job(name: string | undefined, trigger: Trigger, run: Job): () => void;
}

/** Takes what handlers and jobs throw. */
export type FailureReport = (what: string, error: unknown) => void;

/** Handlers and jobs of this process: what is called when the time has come. */
export class Handlers {
  readonly #report: FailureReport;
  readonly #signals = new Map<number, SignalHandler>();
  readonly #jobs = new Map<string, Job>();
  readonly #ordinals = new Map<string, number>();
  readonly #running = new Set<Promise<void>>();

  constructor(report: FailureReport) {
    this.#report = report;
  }

  setSignal(signal: number, handler: SignalHandler): void {
    this.#signals.set(signal, handler);
  }

  hasSignal(signal: number): boolean {
    return this.#signals.has(signal);
  }

  /**
   * The same in every worker, so that all of them mean the same job: without a name, its trigger, and which one with
   * such a trigger it is. The trigger is a part of it with a name too: new code may have another one.
   */
  addJob(name: string | undefined, trigger: Trigger, run: Job): string {
    const when = describeTrigger(trigger);
    const key = name === undefined ? this.#ordinalKey(when) : `${name}, ${when}`;
    if (this.#jobs.has(key)) throw new RangeError(`there is a job "${key}" already`);
    this.#jobs.set(key, run);
    return key;
  }

  removeJob(key: string): void {
    this.#jobs.delete(key);
  }

  signalled(signal: number): void {
    const handler = this.#signals.get(signal);
    if (handler !== undefined)
      void this.#track(`handler of signal ${signal}`, () => handler(signal));
  }

  /** Resolves when the job is done, or has failed. */
  async runJob(key: string): Promise<void> {
    const job = this.#jobs.get(key);
    if (job !== undefined) await this.#track(`job ${key}`, job);
  }

  /** When nothing of this runs. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #ordinalKey(trigger: string): string {
    const ordinal = (this.#ordinals.get(trigger) ?? 0) + 1;
    this.#ordinals.set(trigger, ordinal);
    return ordinal === 1 ? trigger : `${trigger} (${ordinal})`;
  }

  async #track(what: string, run: () => unknown): Promise<void> {
    const running = Promise.resolve()
      .then(run)
      .then(
        () => undefined,
        (error: unknown) => this.#report(what, error),
      );
    this.#running.add(running);
    await running;
    this.#running.delete(running);
  }
}

/** Where no master keeps the time: everything happens in this process. */
export class LocalSchedule implements Schedule {
  readonly #handlers: Handlers;
  readonly #timetable: Timetable;
  readonly #busy = new Set<string>();
  readonly #due = new Map<string, () => void>();

  constructor(handlers: Handlers) {
    this.#handlers = handlers;
    this.#timetable = new Timetable({ idle: true, due: (key) => this.#due.get(key)?.() });
  }

  register(signal: number, _target: string, handler: SignalHandler): void {
    this.#handlers.setSignal(signal, handler);
  }

  registered(signal: number): boolean {
    return this.#handlers.hasSignal(signal);
  }

  /** Not within the call: as it is where the signal goes through the master. */
  raise(signal: number): void {
    setImmediate(() => this.#handlers.signalled(signal));
  }

  signalTimer(signal: number, trigger: Trigger): void {
    const key = `signal ${signal}, ${describeTrigger(trigger)}`;
    this.#due.set(key, () => this.#handlers.signalled(signal));
    this.#timetable.add(key, trigger);
  }

  job(name: string | undefined, trigger: Trigger, run: Job): () => void {
    const key = this.#handlers.addJob(name, trigger, run);
    this.#due.set(key, () => void this.#run(key));
    this.#timetable.add(key, trigger);
    return () => {
      this.#timetable.remove(key);
      this.#handlers.removeJob(key);
    };
  }

  stop(): void {
    this.#timetable.clear();
  }

  /** One that still runs is not started again. */
  async #run(key: string): Promise<void> {
    if (this.#busy.has(key)) return;
    this.#busy.add(key);
    await this.#handlers.runJob(key);
    this.#busy.delete(key);
  }
}
