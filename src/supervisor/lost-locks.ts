/** Gives back the application's locks whose holder died: a process that is gone gives nothing back. */
import type { NativeLockTable } from '../binding/native.js';
import type { Logger } from '../log/logger.js';
import { kernelState } from './recycling/process-memory.js';

const LOOK_MS = 1000;

export interface LostLocksOptions {
  readonly locks: Pick<NativeLockTable, 'releaseAll' | 'holder'>;
  /** How many there are in the table. */
  readonly count: number;
  /** Whoever learns their deaths says so with `giveBack`. */
  readonly ownPids: () => ReadonlySet<number>;
  readonly logger: Logger;
}

export class LostLocks {
  readonly #options: LostLocksOptions;
  #looking: NodeJS.Timeout | undefined;

  constructor(options: LostLocksOptions) {
    this.#options = options;
  }

  /**
   * During an upgrade two masters have workers at the same memory, and each learns the deaths of its own alone: where the
   * other is killed, nobody learns those of its workers. From now on every holder that is not our own is looked at.
   */
  watchOthers(): void {
    this.#looking ??= setInterval(() => this.#look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#looking);
  }

  /** `who`: the dead holder in words, `workerId` its slot where that is known. */
  giveBack(pid: number, who: string, workerId?: number): void {
    const { locks, logger } = this.#options;
    const count = locks.releaseAll(pid);
    if (count === 0) return;
    const what = count === 1 ? 'a lock' : `${count} locks`;
    logger.warn(
      `${who} (pid ${pid}) died with ${what} of the application: given back, others go on`,
      { event: 'locks-released', reason: 'worker-died', workerId, workerPid: pid, locks: count },
    );
  }

  #look(): void {
    const { locks, count, ownPids } = this.#options;
    const own = ownPids();
    for (let lock = 0; lock < count; lock += 1) {
      const pid = locks.holder(lock);
      if (pid !== 0 && !own.has(pid) && isDead(pid))
        this.giveBack(pid, 'a worker of the other master');
    }
  }
}

/** Also where nobody has asked yet how it ended. */
function isDead(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  return kernelState(pid).state === 'Z';
}
