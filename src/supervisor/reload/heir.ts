import { TAKE_OVER, WITHDRAWN, type HeirReady, type HeirSlots } from './upgrade.js';

/** The server's upgrade, in the new master: when it may take what only one master can have. */
export class Heir {
  /** Resolves when the old master has let go, or is gone; after a withdrawal only where it had let go before. */
  readonly takenOver: Promise<void>;
  #withdrawn = false;

  /** `orphaned` is called where the old one goes without having let go. */
  constructor(orphaned: () => void) {
    this.takenOver = new Promise((resolve) => {
      let told = false;
      const gone = (): void => {
        if (this.#withdrawn) return;
        if (!told) orphaned();
        resolve();
      };
      process.on('message', (message) => {
        if (message !== TAKE_OVER) return;
        told = true;
        resolve();
      });
      process.once('disconnect', gone);
      if (!process.connected) gone();
    });
  }

  /** Everything is ready here. */
  announce(slots: HeirSlots): void {
    const ready: HeirReady = { type: 'tsuwsgi-heir-ready', ...slots };
    if (process.connected) process.send?.(ready);
  }

  /** This one was told to stop: the old one keeps everything. */
  withdraw(): void {
    this.#withdrawn = true;
    if (process.connected) process.send?.(WITHDRAWN);
  }
}
