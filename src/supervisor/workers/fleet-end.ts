/** How a master ends: nobody is started any more, the workers are told, and the last one that goes ends it. */
import type { BoundQueues } from '../../binding/bound-queues.js';
import type { Config } from '../../config/config.js';
import { ExitCode } from '../../ipc/exit-codes.js';
import type { DeathReason } from './death-reason.js';
import type { MasterLog } from '../master-log.js';
import type { WorkerHandle } from './worker-handle.js';

/** Running requests are cut anyway: this is for exit handlers, and for whoever does not hear the message. */
const STOP_NOW_GRACE_MS = 1000;

export interface FleetEndOptions {
  readonly config: Pick<Config, 'workerReloadMercy'>;
  /** The master's own descriptors. */
  readonly queues: Pick<BoundQueues, 'close'>;
  readonly log: MasterLog;
  /** Every process that is left. */
  readonly workers: () => readonly WorkerHandle[];
  /** Forgets who was to be started. */
  readonly startNobody: () => void;
}

export class FleetEnd {
  /** The exit code, when no worker is left. */
  readonly finished: Promise<number>;
  readonly #options: FleetEndOptions;
  #phase: 'running' | 'draining' | 'stopping' | 'stopped' = 'running';
  #finish: (exitCode: number) => void = () => undefined;
  #exitCode: number = ExitCode.OK;
  /** Milliseconds of performance.now(). */
  #since = 0;

  constructor(options: FleetEndOptions) {
    this.#options = options;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** It has not begun. */
  get running(): boolean {
    return this.#phase === 'running';
  }

  /** Workers finish their requests, within `--worker-reload-mercy`. */
  gracefully(reason: string): void {
    if (!this.running) return;
    const mercyMs = this.#mercyMs;
    this.#options.log.stopping(reason, mercyMs);
    this.#begin('draining', (worker) => worker.drain(reason, mercyMs));
  }

  /** As `gracefully`, but idle connections go to the workers of the new master, which has `heirSlots` of them. */
  handOver(reason: string, heirSlots: number): void {
    if (!this.running) return;
    const mercyMs = this.#mercyMs;
    this.#options.log.handingOver(reason, mercyMs);
    this.#begin('draining', (worker) =>
      worker.drain(reason, mercyMs, true, heirSlots === 0 ? 'nobody' : worker.slot % heirSlots),
    );
  }

  /** Workers cut their connections and go; also out of a graceful end. `failure`: the exit code, where it is one. */
  now(reason: string, failure?: number): void {
    if (this.#phase === 'stopping' || this.#phase === 'stopped') return;
    if (failure !== undefined) this.#exitCode = failure;
    this.#options.log.stoppingNow(reason);
    this.#begin('stopping', (worker) => worker.stop(reason, STOP_NOW_GRACE_MS));
  }

  /** A worker is gone; it was told to go, or went at the same moment. */
  bury(worker: WorkerHandle, death: DeathReason): void {
    this.#options.log.workerBuried(worker, death, performance.now() - this.#since);
    this.#finishWhenEmpty();
  }

  get #mercyMs(): number {
    return this.#options.config.workerReloadMercy * 1000;
  }

  /**
   * The workers close their copies of the queues when they drain. With ours closed, and the files of UNIX sockets removed,
   * before they are told, new clients are refused at once instead of waiting for nobody.
   */
  #begin(phase: 'draining' | 'stopping', tell: (worker: WorkerHandle) => void): void {
    const { queues, workers, startNobody } = this.#options;
    if (this.running) this.#since = performance.now();
    this.#phase = phase;
    startNobody();
    queues.close();
    for (const worker of workers()) tell(worker);
    this.#finishWhenEmpty();
  }

  #finishWhenEmpty(): void {
    if (this.#phase === 'stopped' || this.#options.workers().length > 0) return;
    this.#phase = 'stopped';
    this.#options.log.goodbye(this.#exitCode);
    this.#finish(this.#exitCode);
  }
}
