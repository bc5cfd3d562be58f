import type { Inheritance } from '../../startup/inheritance.js';
import { TAKE_OVER, type HeirReady, type HeirSlots } from './upgrade.js';

/** The server's upgrade, in the new master: when it may take what only one master can have. */
export class Heir {
  /** Resolves when the old master has let go, or is gone. */
  readonly takenOver: Promise<void>;

  constructor() {
    this.takenOver = new Promise((resolve) => {
      process.on('message', (message) => {
        if (message === TAKE_OVER) resolve();
      });
      process.once('disconnect', resolve);
      if (!process.connected) resolve();
    });
  }

  /** Everything is ready here. */
  announce(slots: HeirSlots): void {
    const ready: HeirReady = { type: 'tsuwsgi-heir-ready', ...slots };
    if (process.connected) process.send?.(ready);
  }
}

/** undefined where this server is nobody's heir. */
export function heirOf(inheritance: Inheritance | undefined): Heir | undefined {
  return inheritance === undefined ? undefined : new Heir();
}
