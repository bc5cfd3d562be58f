/** Temporary directories that are gone after the test (or the suite) that made them. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onCleanup } from './cleanup.js';

/** Makes an empty directory; it is removed when the running test or suite is over. Returns its real path. */
export function tempDir(prefix = 'tsuwsgi-'): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), prefix)));
  onCleanup(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes files (relative path → content) into a new temporary directory and returns the directory. */
export function tempFiles(files: Readonly<Record<string, string>>): string {
  const directory = tempDir();
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return directory;
}
