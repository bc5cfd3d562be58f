/** Programs that some tests need and a machine may lack. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian keeps servers where an ordinary user's PATH does not look. */
const EXTRA_DIRECTORIES = ['/usr/sbin', '/sbin', '/usr/local/sbin'];

/** Path of the program, or undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter).concat(EXTRA_DIRECTORIES);
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Skips the test by name where something it needs is missing. In CI (`CI=true`) that is a failure: there, everything
 * is installed, so a skip would hide that the test no longer runs.
 */
export function skipFor(context: Mocha.Context, reason: string): never {
  if (process.env['CI'] === 'true') throw new Error(`must not be skipped in CI: ${reason}`);
  const runnable = context.test ?? context.currentTest;
  if (runnable !== undefined) runnable.title += ` (skipped: ${reason})`;
  return context.skip();
}

/** Path of the program. Call it in a test or hook: `const nginx = requireProgram(this, 'nginx')`. */
export function requireProgram(context: Mocha.Context, name: string): string {
  return findProgram(name) ?? skipFor(context, `${name} is not installed`);
}
