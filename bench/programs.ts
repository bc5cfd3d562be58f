import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Debian keeps daemons in /usr/sbin, which is not on every user's PATH. */
const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];

export function findProgram(name: string): string | undefined {
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

/** First match of `pattern` (its first group) in what the program prints; undefined where there is none. */
export function programVersion(
  file: string,
  args: readonly string[],
  pattern: RegExp,
): string | undefined {
  const { stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  return pattern.exec(`${stdout}${stderr}`)?.[1];
}
