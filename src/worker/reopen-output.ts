import type { Config } from '../config/config.js';
import type { Logger } from '../log/logger.js';
import { sendOutputTo } from '../startup/log-file.js';

/** Standard output and standard error of this process go on in the file of that name, which may be a new one. */
export function reopenOutput(file: string, config: Config, logger: Logger): void {
  try {
    sendOutputTo(file, { ...config, truncate: false });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    logger.error(`log file ${file} cannot be opened anew: ${reason}`, { file, reason });
  }
}
