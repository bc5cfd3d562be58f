import { existsSync, readFileSync } from 'node:fs';
import { waitUntil } from './wait-until.js';

/** What is in the file; nothing where there is none yet. */
export const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** Resolves with the file's text when it matches. */
export async function inFile(file: string, pattern: RegExp): Promise<string> {
  await waitUntil(`${String(pattern)} in ${file}`, () => pattern.test(read(file)), 30_000);
  return read(file);
}
