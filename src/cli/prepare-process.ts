/** What the process takes from its configuration before anything is bound or loaded; workers inherit it. */
import { accessSync, constants } from 'node:fs';
import { isDefault } from '../config/origins.js';
import { processTitle } from '../config/process-title.js';
import type { ResolvedConfig } from '../config/resolve.js';
import { OptionError } from '../errors.js';
import { systemReason } from '../util/system-reason.js';

type PreparedFrom = Pick<ResolvedConfig, 'config' | 'origins'>;

export function prepareProcess({ config, origins }: PreparedFrom): void {
  if (config.umask !== undefined) process.umask(config.umask);
  const role = config.master ? { kind: 'master' as const } : { kind: 'worker' as const, id: 1 };
  const title = processTitle(config, role);
  if (title !== undefined) process.title = title;
  for (const { name, value } of config.env) process.env[name] = value;
  for (const name of config.unenv) Reflect.deleteProperty(process.env, name);
  if (config.chdir !== undefined) changeDirectory(config.chdir);
  // The default is found missing by the first body that needs it: not every server has one.
  if (!isDefault(origins, 'spool-dir')) requireWritable(config.spoolDir);
}

/** Relative names are meant from where the server works. */
function requireWritable(spoolDir: string): void {
  try {
    accessSync(`${spoolDir}/.`, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new OptionError('spool-dir', spoolDir, systemReason(error));
  }
}

function changeDirectory(directory: string): void {
  try {
    process.chdir(directory);
  } catch (error) {
    throw new OptionError('chdir', directory, systemReason(error));
  }
}
