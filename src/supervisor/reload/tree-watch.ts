/**
 * `--fs-reload`: tells of changes of files, and of everything below directories, as the kernel reports them. What changes
 * together is told once, in one line. For development.
 */
import { existsSync, lstatSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Logger } from '../../log/logger.js';
import { LimitTimer } from '../limit-timer.js';
import { entriesOf } from './directory-entries.js';
import { DirectoryWatches, isWithin } from './directory-watches.js';

/** Editors and builds write several files, and each several times: a change is over when it was quiet for so long. */
const QUIET_MS = 100;
/** Below directories; a file that is named counts whatever it is called. Also what is above a path: `..`. */
const IGNORED = /(^|\/)(node_modules|\.[^/]*|[^/]*~|4913)(\/|$)/;

export class TreeWatch {
  readonly #paths: readonly string[];
  readonly #changed: (what: string) => void;
  readonly #logger: Logger;
  readonly #quiet = new LimitTimer();
  readonly #files = new Set<string>();
  readonly #complaints = new Set<string>();
  readonly #directories = new DirectoryWatches({
    heard: (directory, path, replaced) => this.#heard(directory, path, replaced),
    failed: (directory, reason) => this.#complain(directory, reason),
  });

  /** `changed`: gets the names of the files, in words. */
  constructor(paths: readonly string[], changed: (what: string) => void, logger: Logger) {
    this.#paths = paths.map((path) => resolve(path));
    this.#changed = changed;
    this.#logger = logger;
  }

  start(): void {
    this.#watch(this.#paths);
    for (const path of this.#paths) {
      try {
        statSync(path);
      } catch (error) {
        this.#complain(path, error instanceof Error ? error.message : String(error));
      }
    }
  }

  stop(): void {
    this.#quiet.clear();
    this.#directories.clear();
  }

  /** Trees first: a directory that is watched counts as followed. */
  #watch(paths: readonly string[]): void {
    for (const path of paths) this.#follow(path);
    for (const path of paths) this.#watchAbove(path);
  }

  /** Nearest directories first: they are the ones that count where not all can be watched. */
  #follow(path: string): void {
    const found = this.#isDirectory(path) ? [path] : [];
    for (const directory of found) {
      if (this.#directories.has(directory)) continue;
      if (this.#add(directory)) found.push(...this.#directoriesIn(directory));
    }
  }

  /** A directory that is followed needs the one above for being replaced as a whole only: do without where it is closed. */
  #watchAbove(path: string): void {
    if (this.#directories.has(path)) this.#directories.add(dirname(path));
    else this.#add(dirname(path));
  }

  #add(directory: string): boolean {
    const reason = this.#directories.add(directory);
    if (reason === undefined) return true;
    // One that has gone from a directory that is followed is heard of when it comes back.
    const goneForNow = !existsSync(directory) && this.#counts(directory);
    if (!goneForNow) this.#complain(directory, reason);
    return false;
  }

  #directoriesIn(directory: string): string[] {
    return entriesOf(directory)
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(directory, name))
      .filter((path) => this.#counts(path));
  }

  /** Links are followed where they are named only: others may lead anywhere, also back. */
  #isDirectory(path: string): boolean {
    const look = this.#paths.includes(path) ? statSync : lstatSync;
    try {
      return look(path).isDirectory();
    } catch {
      return false;
    }
  }

  #counts(path: string): boolean {
    return this.#paths.some((named) => !IGNORED.test(relative(named, path)));
  }

  #heard(directory: string, path: string, replaced: boolean): void {
    if (this.#counts(path)) this.#note(path);
    else if (path !== directory) return;
    if (replaced) this.#renew(path);
  }

  /** The name is another directory's now, or a file's, or nobody's. */
  #renew(path: string): void {
    this.#directories.remove(path);
    if (this.#counts(path)) this.#follow(path);
    const named = this.#paths.filter((other) => isWithin(path, other));
    this.#watch(named);
    for (const other of named) this.#note(other);
  }

  #note(file: string): void {
    this.#files.add(file);
    this.#quiet.set(QUIET_MS, () => {
      const files = [...this.#files];
      this.#files.clear();
      this.#changed(inWords(files));
    });
  }

  /** Once: where a limit is reached, it is reached for all that comes behind. */
  #complain(path: string, reason: string): void {
    if (this.#complaints.has(reason)) return;
    this.#complaints.add(reason);
    this.#logger.error(`${path} is not watched: ${reason}`, { event: 'watch-failed', reason });
  }
}

const MOST_NAMED = 3;

function inWords(files: readonly string[]): string {
  const named = files.slice(0, MOST_NAMED).join(', ');
  const more = files.length - MOST_NAMED;
  return more > 0 ? `${named} and ${more} more` : named;
}
