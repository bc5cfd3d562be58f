import type { BoundQueue, BoundQueues, ListenerFacts } from './bound-queues.js';
import type { NativeAddon, Protocol } from './native.js';
import type { RemovedFile, UnixSocketFile } from './unix-socket-file.js';

type Closer = Pick<NativeAddon, 'closeListener'>;

/** Collects what is bound, so that a failure half-way takes all of it back. */
export class QueueSet implements BoundQueues {
  readonly queues: BoundQueue[] = [];
  readonly listeners: ListenerFacts[] = [];
  readonly #files: UnixSocketFile[] = [];
  readonly #keptFiles: UnixSocketFile[] = [];
  readonly #open = new Set<number>();
  readonly #addon: Closer;

  constructor(addon: Closer) {
    this.#addon = addon;
  }

  /** Takes the descriptor over; the queue belongs to the listener that is added next. */
  add(fd: number, protocol: Protocol, place: Pick<BoundQueue, 'slot' | 'loop'>): void {
    this.queues.push({ fd, ...place, listener: this.listeners.length, protocol });
    this.#open.add(fd);
  }

  addFile(file: UnixSocketFile): void {
    this.#files.push(file);
  }

  /** Not ours before `claimFiles`. */
  addKeptFile(file: UnixSocketFile): void {
    this.#keptFiles.push(file);
  }

  leaveFiles(): void {
    this.#files.length = 0;
  }

  claimFiles(): void {
    this.#files.push(...this.#keptFiles.splice(0));
  }

  removeFiles(): readonly RemovedFile[] {
    return this.#files.splice(0).map((file) => file.remove());
  }

  close(): void {
    for (const fd of this.#open) this.#addon.closeListener(fd);
    this.#open.clear();
  }
}
