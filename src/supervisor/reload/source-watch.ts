/** `--py-autoreload`: looks at the sources of the application every few seconds. For development. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf } from './directory-entries.js';

/** Enough for an application; a home directory by mistake ends here. */
const MOST_FILES = 10_000;
const SOURCE = /\.([mc]?[jt]sx?|json)$/;
const IGNORED = /^(node_modules|\..*)$/;

export class SourceWatch {
  readonly #directory: string;
  readonly #changed: (file: string) => void;
  #stamps: ReadonlyMap<string, number>;
  #timer: NodeJS.Timeout | undefined;

  constructor(directory: string, changed: (file: string) => void) {
    this.#directory = directory;
    this.#changed = changed;
    this.#stamps = sourcesBelow(directory);
  }

  start(everySeconds: number): void {
    this.#timer = setInterval(() => this.look(), everySeconds * 1000);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Tells of one changed file at most: one reload takes all changes in. */
  look(): void {
    const before = this.#stamps;
    const now = sourcesBelow(this.#directory);
    this.#stamps = now;
    const changed =
      [...now].find(([file, stamp]) => before.get(file) !== stamp)?.[0] ??
      [...before.keys()].find((file) => !now.has(file));
    if (changed !== undefined) this.#changed(changed);
  }
}

function sourcesBelow(root: string): ReadonlyMap<string, number> {
  const stamps = new Map<string, number>();
  const directories = [root];
  for (let next = directories.pop(); next !== undefined; next = directories.pop()) {
    for (const entry of entriesOf(next)) {
      if (IGNORED.test(entry.name) || stamps.size >= MOST_FILES) continue;
      const path = join(next, entry.name);
      if (entry.isDirectory()) directories.push(path);
      else if (SOURCE.test(entry.name)) {
        stamps.set(path, modifiedAt(path));
      }
    }
  }
  return stamps;
}

/** 0 for a file that cannot be looked at: a link to nowhere or to itself. */
function modifiedAt(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
