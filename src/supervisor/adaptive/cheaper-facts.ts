/** What adaptive workers go by, and the settings. Plain data: the algorithms are pure functions of it. */
import type { Config } from '../../config/config.js';

/** One look at the workers, once a second. */
export interface LoadFacts {
  /** Seconds of a monotonic clock. */
  readonly now: number;
  /** Workers that run or boot. */
  readonly active: number;
  /** Those of them that are not ready yet. */
  readonly booting: number;
  /** Shares of their time that the JavaScript threads used since the last look, all together: between 0 and `active`. */
  readonly load: number;
  /** Connections that wait to be accepted. */
  readonly backlog: number;
  /** Resident memory of all workers together, in bytes. */
  readonly residentBytes: number;
}

export interface CheaperSettings {
  readonly algorithm: Config['cheaperAlgo'];
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** `--cheaper-overload`: seconds, or connections. */
  readonly overload: number;
  /** `--cheaper-idle`, in seconds. */
  readonly idle: number;
  /** Bytes; 0: no limit. */
  readonly rssSoft: number;
  readonly rssHard: number;
  readonly busyness: BusynessSettings;
}

export interface BusynessSettings {
  /** Percent. */
  readonly max: number;
  readonly min: number;
  /** Cycles. */
  readonly multiplier: number;
  readonly penalty: number;
  readonly backlogMultiplier: number;
  /** Connections. */
  readonly backlogAlert: number;
  /** Workers. */
  readonly backlogStep: number;
  /** Seconds. */
  readonly backlogNonzero: number;
}

/** `change`: workers more, or fewer where it is negative. `why` is for the log. */
export interface Decision {
  readonly change: number;
  readonly why?: string;
  /** Of a decision without a change: the limits of memory say so, or a cycle of `busyness` is over. */
  readonly about?: 'memory' | 'cycle';
}

export function cheaperSettings(config: Config): CheaperSettings {
  return {
    algorithm: config.cheaperAlgo,
    min: config.cheaper,
    max: config.processes,
    step: config.cheaperStep,
    overload: config.cheaperOverload,
    idle: config.cheaperIdle,
    rssSoft: config.cheaperRssLimitSoft,
    rssHard: config.cheaperRssLimitHard,
    busyness: {
      max: config.cheaperBusynessMax,
      min: config.cheaperBusynessMin,
      multiplier: config.cheaperBusynessMultiplier,
      penalty: config.cheaperBusynessPenalty,
      backlogMultiplier: config.cheaperBusynessBacklogMultiplier,
      backlogAlert: config.cheaperBusynessBacklogAlert,
      backlogStep: config.cheaperBusynessBacklogStep,
      backlogNonzero: config.cheaperBusynessBacklogNonzero,
    },
  };
}

/** Workers that run when the server starts, and when a connection ends its rest. */
export function initialWorkers(config: Config): number {
  const { cheaper, cheaperInitial, processes } = config;
  if (cheaper === 0) return processes;
  return Math.min(processes, Math.max(cheaper, cheaperInitial));
}

/** A worker whose JavaScript uses this share of its time has none to spare. */
const FULL_SHARE = 0.75;

/**
 * How many workers the load fills. Rounded down, so that a worker goes only where the others stay below the share at
 * which one would be added: the number does not swing.
 */
export function busyWorkers({ load, active }: LoadFacts): number {
  return Math.min(active, Math.floor(load / FULL_SHARE));
}
