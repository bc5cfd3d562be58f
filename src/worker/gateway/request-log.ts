/** What the log says of a single request of the application. */
import type { GatewayLog } from './gateway.js';
import { details, headline } from './failure-words.js';

export interface LoggedRequest {
  readonly method: string;
  readonly uri: string;
}

/** Something was thrown: `what` happened by it. */
export function logThrown(
  log: GatewayLog,
  level: keyof GatewayLog,
  { method, uri }: LoggedRequest,
  what: string,
  reason: string,
  error: unknown,
): void {
  log[level](`${what}: ${method} ${uri}: ${headline(error)}`, {
    reason,
    method,
    uri,
    stack: details(error),
  });
}

/** `--harakiri` ended it. */
export function logExpired(
  log: GatewayLog,
  { method, uri }: LoggedRequest,
  ageMs: number,
  cut: boolean,
): void {
  const outcome = cut ? 'its connection is cut' : 'answered 504';
  const age = (ageMs / 1000).toFixed(1);
  log.error(`*** HARAKIRI *** ${method} ${uri} took ${age} s (pid: ${process.pid}): ${outcome}`, {
    reason: 'deadline',
    method,
    uri,
    ageMs: Math.round(ageMs),
  });
}

export function logLateWrite(log: GatewayLog, { method, uri }: LoggedRequest): void {
  log.warn(`write() after the response's end is ignored: ${method} ${uri}`, {
    reason: 'late-write',
    method,
    uri,
  });
}
