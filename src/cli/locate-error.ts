/** Where the value of an option that failed was written: file and line, as of values that are wrong in themselves. */
import { findByName } from '../config/option-index.js';
import { describeElement, isDefault } from '../config/origins.js';
import type { ResolvedConfig } from '../config/resolve.js';
import { ConfigError, OptionError } from '../errors.js';

/** Other errors stay as they are, and those of options that another one stands for (`log-socket` for `logger`). */
export function locateError(
  error: unknown,
  { config, origins }: Pick<ResolvedConfig, 'config' | 'origins'>,
): unknown {
  if (!(error instanceof OptionError)) return error;
  const row = findByName(error.option)?.row;
  if (row === undefined || isDefault(origins, row.name)) return error;
  return new ConfigError([
    `${describeElement({ config, origins }, row.name, error.value)}: ${error.reason}`,
  ]);
}
