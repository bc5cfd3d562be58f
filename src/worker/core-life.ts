import type { CoreEvent, NativeCore } from '../binding/native.js';
import type { LogFields, Logger } from '../log/logger.js';

export interface CoreLifeOptions {
  readonly logger: Logger;
  /** Put before what the core says. */
  readonly prefix?: string;
  /** Called while draining, when no queue is polled any more: the owner of the descriptors closes them. */
  readonly queuesLeft: () => void;
}

/** The life of a process's native core, whatever answers its requests: it accepts, serves neighbours, drains, stops. */
export class CoreLife {
  readonly #options: CoreLifeOptions;
  #core: NativeCore | undefined;
  #drained: (() => void) | undefined;
  #held = false;

  constructor(options: CoreLifeOptions) {
    this.#options = options;
  }

  /** Begins to accept, unless it is held. `create` gets what the core has to tell its events to. */
  begin(create: (onEvent: (event: CoreEvent) => void) => NativeCore): void {
    const core = create((event) => this.#onEvent(event));
    this.#core = core;
    core.start(this.#held);
    // Node ends a process without ending what is in it: the lines of answered requests would be lost.
    process.once('exit', () => core.stop());
  }

  adopt(queues: readonly number[]): void {
    for (const queue of queues) this.#core?.adoptQueue(queue);
  }

  release(queues: readonly number[]): void {
    for (const queue of queues) this.#core?.releaseQueue(queue);
  }

  /** Also before it begins: it leaves the queues alone from the first moment then. */
  hold(on: boolean): void {
    this.#held = on;
    this.#core?.holdQueues(on);
  }

  /**
   * Takes nothing new; resolves when everything that runs is answered. `othersGoOn`: other workers, or the one that
   * comes in its place, take what waits in shared queues. `taker`: the channel for connections between two requests;
   * without one (-1) they close.
   */
  drain(othersGoOn = false, taker = -1): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = resolve;
      if (this.#core === undefined) resolve();
      else this.#core.drain(othersGoOn, taker);
    });
  }

  /** Cuts what is left. Idempotent. */
  stop(): void {
    this.#core?.stop();
  }

  #onEvent(event: CoreEvent): void {
    const { logger, prefix = '', queuesLeft } = this.#options;
    if (event.type === 'drained') this.#drained?.();
    else if (event.type === 'queues-left') queuesLeft();
    else logger[event.level](`${prefix}${event.message}`, refusalFields(event), Number(event.time));
  }
}

/** What a record of the core has beside its text. */
function refusalFields(event: CoreEvent): LogFields | undefined {
  if (event.type !== 'refused') return undefined;
  const { reason } = event;
  const status = Number(event.status);
  return { event: 'request-refused', reason, ...(status === 0 ? {} : { status }) };
}
