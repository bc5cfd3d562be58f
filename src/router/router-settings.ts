/** What all requests of a router share. */
import { parseBackends, type BackendAddress } from '../config/backend-address.js';
import type { Config } from '../config/config.js';
import { parseNetworks } from '../config/network.js';
import { listOf } from '../config/parsed.js';
import { milliseconds } from '../config/slices.js';
import type { Logger } from '../log/logger.js';
import { BackendPool } from './backend-pool.js';
import { BufferBudget } from './buffer-budget.js';
import type { VariableSettings } from './request-variables.js';
import { RouterLog } from './router-log.js';
import { TrustedNetworks } from './trusted-networks.js';
import { MAX_BLOCK_BYTES, type Modifiers } from './uwsgi-packet.js';

export interface RouterSettings {
  readonly pool: BackendPool;
  readonly budget: BufferBudget;
  readonly log: RouterLog;
  readonly variables: VariableSettings;
  readonly modifiers: Modifiers;
  /** Largest block of variables that a backend takes, as far as it is known. */
  readonly blockBytes: number;
  /** 0: no limit. */
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  /** `--http-keepalive 0` */
  readonly closeAlways: boolean;
  /** 0: a 503 has no Retry-After. */
  readonly retryAfterSeconds: number;
}

export function routerSettings(
  config: Config,
  backends: readonly BackendAddress[],
  logger: Logger,
): RouterSettings {
  return {
    pool: new BackendPool({
      backends,
      fallbacks: listOf(config.httpFallback, parseBackends),
      graceMs: milliseconds(config.httpGracetime),
      now: () => performance.now(),
    }),
    budget: new BufferBudget(config.httpBufferSize, config.httpBufferMemory),
    log: new RouterLog(logger),
    variables: {
      trusted: new TrustedNetworks(listOf(config.httpTrusted, parseNetworks)),
      extra: config.httpVar,
      hostAsServerName: config.httpServerNameAsHttpHost,
    },
    modifiers: { modifier1: config.httpModifier1, modifier2: config.httpModifier2 },
    blockBytes: config.httpTo.length > 0 ? MAX_BLOCK_BYTES : config.bufferSize,
    connectTimeoutMs: milliseconds(config.httpConnectTimeout),
    timeoutMs: milliseconds(config.httpTimeout),
    closeAlways: config.httpKeepalive === 0,
    retryAfterSeconds: config.retryAfter,
  };
}
