import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** All files below `path` (or the file itself) whose name passes `wanted`, sorted. Missing paths give none. */
export function listFiles(path, wanted = () => true) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return wanted(path) ? [path] : [];
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const child = join(path, entry.name);
      if (entry.isDirectory()) return listFiles(child, wanted);
      return entry.isFile() && wanted(child) ? [child] : [];
    });
}

/**
 * One hash over names and contents of `files` and over `facts` (versions, flags). Contents, not times: a fresh
 * clone, a branch switch and a restored cache all give dates that say nothing.
 */
export function fingerprint(files, facts = []) {
  const hash = createHash('sha256');
  for (const file of files) {
    const bytes = readFileSync(file);
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  for (const fact of facts) hash.update(`\0${fact}`);
  return hash.digest('hex');
}
