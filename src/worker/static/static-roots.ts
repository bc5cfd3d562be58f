/** Which file a path means, and whether it may be delivered. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { join, resolve } from 'node:path';

/** An open file that may be delivered; whoever gets it closes `fd`. */
export interface FoundFile {
  readonly fd: number;
  /** Its real path. */
  readonly path: string;
  readonly stat: Stats;
}

/** `refused`: the path leads out of every directory that may be delivered. */
export type Lookup = FoundFile | 'missing' | 'refused';

const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** Directories (or single files) that paths are looked for in, with the further ones that links may lead into. */
export class StaticRoot {
  readonly #directory: string;
  readonly #safe: readonly string[];
  readonly #index: readonly string[];
  #real: string | undefined;

  constructor(directory: string, safe: readonly string[], index: readonly string[]) {
    // The working directory may change once the application is loaded.
    this.#directory = resolve(directory);
    this.#safe = safe.map((path) => resolve(path));
    this.#index = index;
  }

  find(path: string): Lookup {
    this.#real ??= realPath(this.#directory);
    if (this.#real === undefined || path.includes('\0')) return 'missing';
    const wanted = path === '' ? this.#real : join(this.#real, '/', path);
    const found = this.#open(wanted);
    if (typeof found === 'string' || found.stat.isFile()) return found;
    closeSync(found.fd);
    return found.stat.isDirectory() ? this.#indexOf(found.path) : 'missing';
  }

  /** A regular file at this path, under the same rules. */
  findReal(path: string): Lookup {
    const found = this.#open(path);
    if (typeof found === 'string' || found.stat.isFile()) return found;
    closeSync(found.fd);
    return 'missing';
  }

  #indexOf(directory: string): Lookup {
    for (const name of this.#index) {
      const found = this.findReal(join(directory, name));
      if (typeof found !== 'string') return found;
    }
    return 'missing';
  }

  /** The check looks at what was opened, not at the name: nobody can change the one behind the other. */
  #open(path: string): Lookup {
    let fd: number;
    try {
      fd = openSync(path, OPEN_FLAGS);
    } catch {
      return 'missing';
    }
    try {
      const real = readlinkSync(`/proc/self/fd/${fd}`);
      if (this.#allows(real)) return { fd, path: real, stat: fstatSync(fd) };
    } catch {
      closeSync(fd);
      return 'missing';
    }
    closeSync(fd);
    return 'refused';
  }

  #allows(real: string): boolean {
    if (this.#real !== undefined && isWithin(real, this.#real)) return true;
    return this.#safe.some((directory) => {
      const safe = realPath(directory);
      return safe !== undefined && isWithin(real, safe);
    });
  }
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
