/** When a dead worker is started again, and when the master stops trying. Pure: the caller passes time and chance. */

import type { Config } from '../../config/config.js';

export interface ThrottleOptions {
  /** `--respawn-delay` */
  readonly delayMs: number;
  /** `--respawn-max-delay` */
  readonly maxDelayMs: number;
  /** `--respawn-give-up`; 0: never. */
  readonly giveUpAfter: number;
}

export type ThrottleConfig = Pick<Config, 'respawnDelay' | 'respawnMaxDelay' | 'respawnGiveUp'>;

/** To be asked for at every death: a reload may change the options. */
export function throttleOf(config: ThrottleConfig): ThrottleOptions {
  return {
    delayMs: config.respawnDelay * 1000,
    maxDelayMs: config.respawnMaxDelay * 1000,
    giveUpAfter: config.respawnGiveUp,
  };
}

export interface Death {
  /** How long the worker was ready; undefined when it never was. */
  readonly readyForMs: number | undefined;
  /** It failed by itself; false when somebody stopped it. */
  readonly crash: boolean;
}

/** Deaths of one slot's workers in a row, none of which counts as bad luck. */
export interface SlotRecord {
  readonly youngDeaths: number;
}

export const NO_DEATHS: SlotRecord = { youngDeaths: 0 };

/** A worker that was ready for this long works: whatever ends it later is an accident, not a loop. */
const HEALTHY_AFTER_MS = 5000;

/** Doubling stops to matter here; a larger exponent would overflow into infinity. */
const MAX_DOUBLINGS = 30;

/** Delays are spread by this share to both sides, so that workers which died together do not boot together. */
const JITTER = 0.2;

function isYoung(death: Death): boolean {
  if (death.readyForMs === undefined) return true;
  return death.crash && death.readyForMs < HEALTHY_AFTER_MS;
}

export function recordDeath(record: SlotRecord, death: Death): SlotRecord {
  return isYoung(death) ? { youngDeaths: record.youngDeaths + 1 } : NO_DEATHS;
}

/** Pause before the slot's next worker. `random` is uniform in [0, 1). */
export function respawnDelayMs(
  record: SlotRecord,
  options: ThrottleOptions,
  random: number,
): number {
  if (record.youngDeaths === 0) return 0;
  const doublings = Math.min(record.youngDeaths - 1, MAX_DOUBLINGS);
  const delay = Math.min(options.delayMs * 2 ** doublings, options.maxDelayMs);
  const spread = delay * (1 - JITTER + 2 * JITTER * random);
  return Math.round(Math.min(spread, options.maxDelayMs));
}

/**
 * Whether to stop the server. While any worker is ready it serves, so it goes on, however often another slot's
 * worker fails to boot.
 */
export function shouldGiveUp(
  deathsSinceReady: number,
  readyWorkers: number,
  options: ThrottleOptions,
): boolean {
  return options.giveUpAfter > 0 && readyWorkers === 0 && deathsSinceReady >= options.giveUpAfter;
}
