/**
 * Directories that the kernel watches for `--fs-reload`, one watcher each. Not files: editors put new files in the place
 * of old ones, and the watcher of a file stays with the old one. That is what Node's own recursive watching does before
 * Node 26, so each directory is watched by itself.
 */
import { existsSync, watch, type FSWatcher } from 'node:fs';
import { basename, join, sep } from 'node:path';

/** Enough for an application; a home directory by mistake ends here. */
export const MOST_DIRECTORIES = 4096;

export interface DirectoryListener {
  /** `path`: an entry of the directory, or the directory itself; `replaced`: it came, went or is another one now. */
  readonly heard: (directory: string, path: string, replaced: boolean) => void;
  readonly failed: (directory: string, reason: string) => void;
}

export class DirectoryWatches {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #listener: DirectoryListener;

  constructor(listener: DirectoryListener) {
    this.#listener = listener;
  }

  has(directory: string): boolean {
    return this.#watchers.has(directory);
  }

  /** Returns why it is not watched; undefined: it is, since now or before. */
  add(directory: string): string | undefined {
    if (this.has(directory)) return undefined;
    if (this.#watchers.size >= MOST_DIRECTORIES) {
      return atLimit(`${MOST_DIRECTORIES} directories are watched, the most there can be`);
    }
    try {
      this.#watchers.set(directory, this.#watch(directory));
      return undefined;
    } catch (error) {
      return refusal(error);
    }
  }

  /** The directory and those below it are not watched any more. */
  remove(directory: string): void {
    if (this.has(directory)) this.#close((other) => isWithin(directory, other));
  }

  clear(): void {
    this.#close(() => true);
  }

  #close(which: (directory: string) => boolean): void {
    for (const [directory, watcher] of this.#watchers) {
      if (!which(directory)) continue;
      watcher.close();
      this.#watchers.delete(directory);
    }
  }

  #watch(directory: string): FSWatcher {
    const watcher = watch(directory, (event, name) => {
      if (name === null) return;
      this.#listener.heard(directory, pathOf(directory, name), event === 'rename');
    });
    watcher.on('error', (error) => this.#listener.failed(directory, refusal(error)));
    return watcher;
  }
}

export function isWithin(directory: string, path: string): boolean {
  return (
    path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep)
  );
}

/** An event of the directory itself (it was removed or moved) bears its own name, like an entry of that name. */
function pathOf(directory: string, name: string): string {
  const entry = join(directory, name);
  return name === basename(directory) && !existsSync(entry) ? directory : entry;
}

/** Of a limit the system's own words do not say which setting to raise. */
function refusal(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC')
    return atLimit('the system watches as much as fs.inotify.max_user_watches');
  if (code === 'EMFILE') return atLimit('too many open files or fs.inotify.max_user_instances');
  return message;
}

/** One reason for all directories that come behind: it is said once. */
function atLimit(limit: string): string {
  return `${limit}; of others this is not said`;
}
