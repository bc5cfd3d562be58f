import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
/** This module runs as bench/dist/paths.js, in tests as bench/paths.ts. */
export const benchRoot = basename(here) === 'dist' ? join(here, '..') : here;
export const repositoryRoot = join(benchRoot, '..');

/** npm runs the commands in bench/; a path that the user typed is relative to where the user is. */
export function asTyped(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? '', path);
}

export function compiled(path: string): string {
  return join(benchRoot, 'dist', path);
}
