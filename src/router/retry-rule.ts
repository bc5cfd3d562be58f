/**
 * Whether a request that failed at one backend may go to another.
 *
 * Where no connection was made, nobody has seen the request: it may always. After that a worker may have begun it, also
 * where the connection closed at once. Then it is repeated only where repeating does no harm by the method's definition
 * (RFC 9110 section 9.2.2), the whole body is still here, and nothing of a response has come; and once, since the
 * request may be what ended the worker. A timeout is not repeated: the worker is most likely still busy with it.
 */
export type FailureStage =
  /** No connection was made. */
  | 'connect'
  /** The connection ended before the first byte of a response. */
  | 'before-response'
  /** It took too long, or answered with something that is no response. */
  | 'answer';

export interface FailedAttempt {
  readonly stage: FailureStage;
  readonly method: string;
  /** The body is buffered, or there is none. */
  readonly replayable: boolean;
  /** Earlier retries of this request after a failed connection, and after a lost one. */
  readonly connectRetries: number;
  readonly replays: number;
}

const IDEMPOTENT: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
]);

/** uWSGI's number of attempts to connect. */
export const MAX_CONNECT_RETRIES = 3;
export const MAX_REPLAYS = 1;

export function mayRetry(attempt: FailedAttempt): boolean {
  switch (attempt.stage) {
    case 'connect':
      return attempt.connectRetries < MAX_CONNECT_RETRIES;
    case 'before-response':
      return attempt.replays < MAX_REPLAYS && attempt.replayable && IDEMPOTENT.has(attempt.method);
    case 'answer':
      return false;
  }
}
