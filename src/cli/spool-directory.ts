/** `--spool-dir`, looked at before the first large body needs it. */
import { accessSync, constants } from 'node:fs';
import { isDefault } from '../config/origins.js';
import type { ResolvedConfig } from '../config/resolve.js';
import { OptionError } from '../errors.js';
import { systemReason } from '../util/system-reason.js';

/**
 * To be called as the user that workers run as. Relative names are meant from where the server works. The default is found
 * missing by the first body that needs it: not every server has one.
 */
export function requireSpoolDirectory({
  config,
  origins,
}: Pick<ResolvedConfig, 'config' | 'origins'>): void {
  if (isDefault(origins, 'spool-dir')) return;
  try {
    accessSync(`${config.spoolDir}/.`, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new OptionError('spool-dir', config.spoolDir, systemReason(error));
  }
}
