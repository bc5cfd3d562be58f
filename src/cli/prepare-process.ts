/** What the process takes from its configuration before anything is bound or loaded; workers inherit it. */
import type { Config } from '../config/config.js';
import { ConfigError } from '../errors.js';

export function prepareProcess(config: Config): void {
  for (const { name, value } of config.env) process.env[name] = value;
  if (config.chdir !== undefined) changeDirectory(config.chdir);
}

function changeDirectory(directory: string): void {
  try {
    process.chdir(directory);
  } catch (error) {
    throw new ConfigError([`--chdir ${directory}: ${explain(error)}`]);
  }
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'there is no such directory';
    case 'ENOTDIR':
      return 'is not a directory';
    case 'EACCES':
      return 'permission denied';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
