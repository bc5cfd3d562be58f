import { readFileSync } from 'node:fs';

/** Of the values that the kernel gives a program on its way (getauxval(3)). */
const AT_PAGESZ = 6n;
const UNKNOWN = 'unknown';

/** How many descriptors this process may have open at most: a number, `unlimited`, or `unknown` where /proc is not there. */
export function openFilesLimit(): string {
  return limit('Max open files');
}

/** How many processes and threads its user may have. */
export function processesLimit(): string {
  return limit('Max processes');
}

/** Bytes; `unknown` where /proc is not there. */
export function pageSize(): string {
  try {
    const bytes = readFileSync('/proc/self/auxv');
    const words = new BigUint64Array(Uint8Array.from(bytes).buffer);
    const at = words.findIndex((word, index) => index % 2 === 0 && word === AT_PAGESZ);
    return String(words[at + 1] ?? UNKNOWN);
  } catch {
    return UNKNOWN;
  }
}

function limit(name: string): string {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    return new RegExp(`^${name}\\s+(\\S+)`, 'm').exec(limits)?.[1] ?? UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}
