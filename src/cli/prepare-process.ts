/** What the process takes from its configuration before anything is bound or loaded; workers inherit it. */
import type { Config } from '../config/config.js';
import { processTitle } from '../config/process-title.js';
import { OptionError } from '../errors.js';
import { systemReason } from '../util/system-reason.js';

export function prepareProcess(config: Config): void {
  if (config.umask !== undefined) process.umask(config.umask);
  const role = config.master ? { kind: 'master' as const } : { kind: 'worker' as const, id: 1 };
  const title = processTitle(config, role);
  if (title !== undefined) process.title = title;
  for (const { name, value } of config.env) process.env[name] = value;
  for (const name of config.unenv) Reflect.deleteProperty(process.env, name);
  if (config.chdir !== undefined) changeDirectory(config.chdir);
}

function changeDirectory(directory: string): void {
  try {
    process.chdir(directory);
  } catch (error) {
    throw new OptionError('chdir', directory, systemReason(error));
  }
}
