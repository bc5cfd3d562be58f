/** The part of the configuration that the native core obeys, in the units of its interface. */
import type { AccessLogRules, CoreLimits, CoreOptions } from '../binding/native.js';
import type { Config } from './config.js';

export type CoreSettings = Pick<
  CoreOptions,
  | 'mode'
  | 'threads'
  | 'limits'
  | 'spoolDirectory'
  | 'accessLogFd'
  | 'accessLogFormat'
  | 'accessLogRules'
  | 'deadlineMs'
>;

/** Where request lines go, as uWSGI's: standard error. */
const ACCESS_LOG_FD = 2;

/** Everything a `Core` is made of except the queues and the worker's id, which come with the worker's start. */
export function coreSettings(config: Config): CoreSettings {
  const rules = accessLogRules(config);
  return {
    mode: config.threads > 1 ? 'pool' : 'loop',
    threads: config.threads,
    limits: nativeLimits(config),
    spoolDirectory: config.spoolDir,
    accessLogFd: logsRequests(rules) ? ACCESS_LOG_FD : -1,
    accessLogFormat: config.logFormat === 'json' ? 'json' : 'uwsgi',
    accessLogRules: rules,
    deadlineMs: milliseconds(config.harakiri),
  };
}

function accessLogRules(config: Config): AccessLogRules {
  const named = config.logFormat === 'json' || config.logFormat === 'uwsgi';
  return {
    template: named ? '' : config.logFormat,
    timeFormat: config.logformatStrftime ? (dateFormat(config.logDate) ?? '') : '',
    micros: config.logMicros,
    memory: config.memoryReport,
    forwardedFor: config.logXForwardedFor,
    selective: config.disableLogging,
    status4xx: config.log4xx,
    status5xx: config.log5xx,
    slowMs: config.logSlow,
    bigBytes: config.logBig,
    zero: config.logZero,
    ioError: config.logIoerror,
    sendfile: config.logSendfile,
  };
}

function logsRequests(rules: AccessLogRules): boolean {
  const { status4xx, status5xx, slowMs, bigBytes, zero, ioError, sendfile } = rules;
  const some = status4xx || status5xx || zero || ioError || sendfile;
  return !rules.selective || some || slowMs > 0 || bigBytes > 0;
}

/** The strftime format of `--log-date`; undefined where it only says that there is to be a date. */
export function dateFormat(logDate: string | undefined): string | undefined {
  const plain = logDate === undefined || /^(true|on|yes|1)$/i.test(logDate);
  return plain ? undefined : logDate;
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

/**
 * The same for a router: one loop, and no request lines, which the workers write. Unless it was asked to stream them,
 * request bodies are buffered, so that a slow upload occupies no worker.
 */
export function routerCoreSettings(config: Config): CoreSettings {
  const { httpKeepalive, keepaliveTimeout, httpHeadersTimeout, headerTimeout } = config;
  const idle = httpKeepalive > 0 && httpKeepalive !== 1 ? httpKeepalive : keepaliveTimeout;
  return {
    ...coreSettings(config),
    mode: 'loop',
    threads: 1,
    accessLogFd: -1,
    deadlineMs: 0,
    limits: {
      ...nativeLimits(config),
      headerTimeoutMs: milliseconds(httpHeadersTimeout ?? headerTimeout),
      keepAliveTimeoutMs: milliseconds(idle),
    },
  };
}
