import { closeSync } from 'node:fs';
import { closeHandOverChannels } from '../../binding/hand-over-channels.js';
import type { Config } from '../../config/config.js';
import { isPureRouter } from '../../config/roles.js';
import type { Inheritance } from '../../startup/inheritance.js';

/**
 * Closes what only workers, or routers, would have used, where this server has none. Listening sockets are closed by
 * whoever binds the addresses.
 */
export function closeUnused(config: Config, left: Inheritance): void {
  if (config.http.length === 0) closeHandOverChannels(left.routerChannels);
  if (!isPureRouter(config)) return;
  closeHandOverChannels(left.workerChannels);
  if (left.applicationMemory !== undefined) closeSync(left.applicationMemory.fd);
}
