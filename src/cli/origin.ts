/** How this process was started: kept before options change directory, environment and user. */
import type { Config } from '../config/config.js';
import type { Host } from '../config/host.js';
import type { Environment } from '../config/option-row.js';
import { resolveConfig } from '../config/resolve.js';
import { takeInheritance } from '../startup/inheritance.js';
import type { StartOrigin } from '../startup/origin.js';
import { host } from './host.js';

/** What is known before there are pidfiles. */
export type Started = Omit<StartOrigin, 'pidfiles'>;

export function originOf(argv: readonly string[], env: Environment): Started {
  const inheritance = takeInheritance(process.env);
  const directory = process.cwd();
  const user = process.getuid?.();
  const original = { ...env };
  return {
    directory,
    env: original,
    command: process.argv.slice(1),
    inheritance,
    readOptions: () => inDirectory(directory, () => readAgain(argv, original, user)),
  };
}

/** Undefined where a file is out of reach of a user that this process has become since. */
function readAgain(
  argv: readonly string[],
  env: Environment,
  user: number | undefined,
): Config | undefined {
  const unreadable: string[] = [];
  const watched: Host = {
    ...host,
    readFile(path) {
      const text = host.readFile(path);
      if (text === undefined) unreadable.push(path);
      return text;
    },
  };
  try {
    return resolveConfig({ argv, env, host: watched }).config;
  } catch (error) {
    if (unreadable.length > 0 && process.getuid?.() !== user) return undefined;
    throw error;
  }
}

/** Relative paths mean what they meant at the start, where that directory can be entered still. */
function inDirectory<Value>(directory: string, action: () => Value): Value {
  const here = process.cwd();
  try {
    process.chdir(directory);
  } catch {
    return action();
  }
  try {
    return action();
  } finally {
    process.chdir(here);
  }
}
