/** File name patterns as a shell has them: `*`, `?` and `[…]`, none of them across a slash; no hidden files. */
import { existsSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';

/** Paths that exist and match, sorted. A pattern without signs is a path. */
export function glob(pattern: string): string[] {
  const absolute = pattern.startsWith('/');
  const segments = pattern.split('/').filter((segment) => segment !== '');
  let found = [absolute ? '/' : ''];
  for (const segment of segments) found = found.flatMap((base) => matchesBelow(base, segment));
  return segments.length === 0 ? [] : found;
}

function matchesBelow(base: string, segment: string): string[] {
  if (!/[*?[]/.test(segment)) {
    const path = posix.join(base, segment);
    return existsSync(path) ? [path] : [];
  }
  const accepted = toRegExp(segment);
  return entriesOf(base)
    .filter((name) => accepted.test(name) && (segment.startsWith('.') || !name.startsWith('.')))
    .map((name) => posix.join(base, name));
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory === '' ? '.' : directory).sort();
  } catch {
    return [];
  }
}

/** A bracket that is not closed stands for itself. */
function toRegExp(segment: string): RegExp {
  const source = segment.replace(/\[(!?)([^\]]+)\]|[^]/g, (sign, not?: string, set?: string) => {
    if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replace(/[\\^[]/g, '\\$&')}]`;
    if (sign === '*') return '.*';
    return sign === '?' ? '.' : sign.replace(/[\\^$.*+?()[\]{}|]/, '\\$&');
  });
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    // A range that runs backwards, as `[z-a]`: nothing matches.
    return /(?!)/;
  }
}
