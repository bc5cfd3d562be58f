/** Who serves under a configuration. */
import type { Config } from './config.js';
import { listenAddresses } from './listen-addresses.js';

export function namesApplication(config: Config): boolean {
  return config.wsgiFile !== undefined || config.module !== undefined || config.mount.length > 0;
}

/** A router whose backends are elsewhere, and nothing here that a worker would be for. */
export function isPureRouter(config: Config): boolean {
  const backends = config.http.length > 0 && config.httpTo.length > 0;
  return backends && !namesApplication(config) && listenAddresses(config).length === 0;
}
