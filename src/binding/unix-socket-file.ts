import { lstatSync, unlinkSync } from 'node:fs';
import { resolve } from 'node:path';

/** What became of the file when the server stopped. */
export type RemovedFile =
  | { readonly path: string; readonly outcome: 'removed' | 'gone' | 'replaced' }
  | { readonly path: string; readonly outcome: 'failed'; readonly code: string };

/**
 * The file of a UNIX socket that this process has bound. While the socket is open the kernel keeps the file's inode, so
 * that its number tells this file from any other that has come in its place.
 */
export class UnixSocketFile {
  /** Absolute: the application may change the working directory. */
  readonly path: string;
  readonly #identity: string | undefined;

  /** To be called when the socket is bound. */
  constructor(path: string) {
    this.path = resolve(path);
    this.#identity = identityWithinReach(this.path);
  }

  /** To be called before the socket is closed; leaves another server's file alone. */
  remove(): RemovedFile {
    const { path } = this;
    try {
      const found = identityOf(path);
      if (found === undefined) return { path, outcome: 'gone' };
      if (found !== this.#identity) return { path, outcome: 'replaced' };
      unlinkSync(path);
      return { path, outcome: 'removed' };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      return { path, outcome: 'failed', code };
    }
  }
}

function identityOf(path: string): string | undefined {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev} ${found.ino}`;
}

/** Of a file that may be out of reach since privileges were dropped: one that cannot be told from others is not ours. */
function identityWithinReach(path: string): string | undefined {
  try {
    return identityOf(path);
  } catch {
    return undefined;
  }
}
