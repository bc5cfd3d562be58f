/** When a server has had nothing to do for long enough. Pure: the caller brings time and counters. */

export interface IdleState {
  readonly requests: number;
  /** Since when nothing has happened, in seconds. */
  readonly since: number;
}

export interface Activity {
  /** Seconds of a monotonic clock. */
  readonly now: number;
  /** All requests since the server's start. */
  readonly requests: number;
  /** Requests that are not answered yet. */
  readonly inFlight: number;
  /** Whether workers take requests, and none of them is still starting. */
  readonly serves: boolean;
}

/** The state after a look at the counters; `undefined` before the first one. */
export function idleAfter(before: IdleState | undefined, activity: Activity): IdleState {
  const { now, requests, inFlight, serves } = activity;
  const rests = serves && inFlight === 0 && requests === before?.requests;
  return rests ? before : { requests, since: now };
}
