import { readFileSync } from 'node:fs';

/** How many descriptors this process may have open at most: a number, `unlimited`, or `unknown` where /proc is not there. */
export function openFilesLimit(): string {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    return /^Max open files\s+(\S+)/m.exec(limits)?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
