/** The part of the configuration that the native core obeys, in the units of its interface. */
import type { CoreLimits, CoreOptions } from '../binding/native.js';
import type { Config } from './config.js';

export type CoreSettings = Pick<
  CoreOptions,
  'mode' | 'threads' | 'limits' | 'spoolDirectory' | 'accessLogFd' | 'accessLogFormat'
>;

/** Where request lines go, as uWSGI's: standard error. */
const ACCESS_LOG_FD = 2;

/** Everything a `Core` is made of except the queues and the worker's id, which come with the worker's start. */
export function coreSettings(config: Config): CoreSettings {
  return {
    mode: config.threads > 1 ? 'pool' : 'loop',
    threads: config.threads,
    limits: nativeLimits(config),
    spoolDirectory: config.spoolDir,
    accessLogFd: config.disableLogging ? -1 : ACCESS_LOG_FD,
    accessLogFormat: config.logFormat,
  };
}

export function nativeLimits(config: Config): CoreLimits {
  return {
    headBytes: config.bufferSize,
    targetBytes: Math.min(config.limitTarget, config.bufferSize),
    headerCount: config.limitHeaders,
    bodyBytes: config.limitPost,
    postBufferingBytes: config.postBuffering,
    bodyMemoryBytes: config.bodyMemory,
    headerTimeoutMs: milliseconds(config.headerTimeout),
    bodyTimeoutMs: milliseconds(config.bodyTimeout),
    sendTimeoutMs: milliseconds(config.sendTimeout),
    keepAliveTimeoutMs: milliseconds(config.keepaliveTimeout),
    minRate: config.minRate,
    maxConnections: config.maxConnections,
    maxPending: config.maxPending,
    retryAfterSeconds: config.retryAfter,
  };
}

/** 0 means "no limit", so a time that is not 0 must not become 0. */
export function milliseconds(seconds: number): number {
  return Math.ceil(seconds * 1000);
}
