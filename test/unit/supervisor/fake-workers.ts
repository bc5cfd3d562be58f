/** Worker processes that exist only as objects: a test decides what each says and how it ends. */
import type { MasterMessage, WorkerMessage } from '../../../src/ipc/messages.js';
import { dispatchMessage } from '../../../src/ipc/messages.js';
import type { ProcessExit } from '../../../src/supervisor/workers/death-reason.js';
import type { ProcessEvents, SpawnWorker } from '../../../src/supervisor/workers/spawn.js';
import { onCleanup } from '../../helpers/cleanup.js';

export class FakeWorker {
  readonly pid: number;
  readonly received: MasterMessage[] = [];
  readonly signals: NodeJS.Signals[] = [];
  readonly #events: ProcessEvents;
  #gone = false;

  constructor(pid: number, events: ProcessEvents) {
    this.pid = pid;
    this.#events = events;
  }

  send(message: MasterMessage): void {
    this.received.push(structuredClone(message));
  }

  kill(signal: NodeJS.Signals): void {
    this.signals.push(signal);
  }

  say(message: WorkerMessage): void {
    dispatchMessage<WorkerMessage>(message, this.#events.messages);
  }

  exit(exit: Partial<ProcessExit>): void {
    this.#gone = true;
    this.#events.exited({ code: null, signal: null, ...exit });
  }

  /** Exits, unless it has. */
  end(): void {
    if (!this.#gone) this.exit({ code: 0 });
  }

  becomeReady(): void {
    this.say({ type: 'ready', bootMs: 1 });
  }

  /** It has read its order to drain. */
  leaveQueues(): void {
    this.say({ type: 'queues-left' });
  }

  /** Messages of one type, without their type. */
  of<T extends MasterMessage['type']>(type: T): Extract<MasterMessage, { type: T }>[] {
    return this.received.filter((message) => message.type === type) as Extract<
      MasterMessage,
      { type: T }
    >[];
  }

  get slot(): number | undefined {
    return this.of('start')[0]?.slot;
  }
}

export class FakeWorkers {
  /** In the order they were started. */
  readonly all: FakeWorker[] = [];

  /** With the test they end, and so do the limits that somebody set for them. */
  constructor() {
    onCleanup(() => {
      for (const worker of this.all) worker.end();
    });
  }

  readonly spawn: SpawnWorker = (_fds, events) => {
    const worker = new FakeWorker(1000 + this.all.length, events);
    this.all.push(worker);
    return worker;
  };

  /** The worker that was started last. */
  get latest(): FakeWorker {
    return this.at(this.all.length - 1);
  }

  at(index: number): FakeWorker {
    const worker = this.all[index];
    if (worker === undefined) throw new Error(`only ${this.all.length} workers were started`);
    return worker;
  }
}
