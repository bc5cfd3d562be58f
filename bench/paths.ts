import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This module runs as bench/dist/paths.js. */
export const benchRoot = join(dirname(fileURLToPath(import.meta.url)), '..');
export const repositoryRoot = join(benchRoot, '..');

export function compiled(path: string): string {
  return join(benchRoot, 'dist', path);
}
