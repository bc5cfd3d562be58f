import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './temp-dir.js';
import { waitUntil } from './wait-until.js';

/** A command for `--attach-daemon` that ends when it is told to and the test lets it, or is over. A master waits for it. */
export class HeldDaemon {
  readonly #directory = tempDir();

  get command(): string {
    const at = (name: string): string => join(this.#directory, name);
    const held = `[ -d ${this.#directory} -a ! -e ${at('$$')} ]`;
    return `sh -c 'trap : TERM; echo $$ >> ${at('pids')}; while ${held}; do sleep 0.05; done'`;
  }

  /** Of all that were ever started. */
  get pids(): string[] {
    const path = join(this.#directory, 'pids');
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  }

  /** Resolves with the pid of the one that was started as the `count`th. */
  async started(count: number): Promise<string> {
    return waitUntil(`${count} daemon(s)`, () => this.pids[count - 1]);
  }

  release(pid: string): void {
    writeFileSync(join(this.#directory, pid), '');
  }
}
