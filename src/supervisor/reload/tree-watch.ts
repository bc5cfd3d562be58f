/**
 * `--fs-reload`: tells of changes of files, and of everything below directories, as the kernel reports them. What changes
 * together is told once, in one line. For development.
 */
import { statSync, watch, type FSWatcher } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Logger } from '../../log/logger.js';
import { LimitTimer } from '../limit-timer.js';

/** Editors and builds write several files, and each several times: a change is over when it was quiet for so long. */
const QUIET_MS = 100;
/** Below directories; a file that is named counts whatever it is called. */
const IGNORED = /(^|\/)(node_modules|\.[^/]*|[^/]*~|4913)(\/|$)/;

export class TreeWatch {
  readonly #paths: readonly string[];
  readonly #changed: (what: string) => void;
  readonly #logger: Logger;
  readonly #quiet = new LimitTimer();
  readonly #files = new Set<string>();
  #watchers: FSWatcher[] = [];

  /** `changed`: gets the names of the files, in words. */
  constructor(paths: readonly string[], changed: (what: string) => void, logger: Logger) {
    this.#paths = paths.map((path) => resolve(path));
    this.#changed = changed;
    this.#logger = logger;
  }

  start(): void {
    for (const path of this.#paths) this.#watch(path);
  }

  stop(): void {
    this.#quiet.clear();
    for (const watcher of this.#watchers.splice(0)) watcher.close();
  }

  /** A file is watched through its directory: editors put a new one in its place. */
  #watch(path: string): void {
    try {
      const whole = statSync(path).isDirectory();
      const directory = whole ? path : dirname(path);
      const watcher = watch(directory, { recursive: whole }, (_event, name) => {
        if (name === null) return;
        const counts = whole ? !IGNORED.test(name) : name === basename(path);
        if (counts) this.#note(join(directory, name));
      });
      watcher.on('error', (error) => this.#complain(path, error));
      this.#watchers.push(watcher);
    } catch (error) {
      this.#complain(path, error);
    }
  }

  #note(file: string): void {
    this.#files.add(file);
    this.#quiet.set(QUIET_MS, () => {
      const files = [...this.#files];
      this.#files.clear();
      this.#changed(inWords(files));
    });
  }

  #complain(path: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#logger.error(`${path} is not watched: ${reason}`, { event: 'watch-failed', reason });
  }
}

const MOST_NAMED = 3;

function inWords(files: readonly string[]): string {
  const named = files.slice(0, MOST_NAMED).join(', ');
  const more = files.length - MOST_NAMED;
  return more > 0 ? `${named} and ${more} more` : named;
}
