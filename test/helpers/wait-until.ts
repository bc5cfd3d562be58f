/**
 * Waiting for conditions with a limit. A test never sleeps for a fixed time: it waits for what it needs and fails,
 * saying what it waited for, when that does not come.
 */
export const DEFAULT_LIMIT_MS = 10_000;
const POLL_MS = 5;

export class WaitLimitError extends Error {
  constructor(what: string, limitMs: number, detail = '') {
    super(`waited ${limitMs} ms for ${what}${detail === '' ? '' : `: ${detail}`}`);
    this.name = 'WaitLimitError';
  }
}

/** Rejects with WaitLimitError when the promise has not settled in time; its own outcome is passed on. */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  limitMs = DEFAULT_LIMIT_MS,
  detail: () => string = () => '',
): Promise<T> {
  const { promise: expired, reject } = withResolvers<never>();
  const timer = setTimeout(() => reject(new WaitLimitError(what, limitMs, detail())), limitMs);
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Polls `condition` until it returns something that is neither false, null nor undefined, and returns that. For
 * what the operating system does not announce (processes in /proc, counters); use events where there are any.
 */
export async function waitUntil<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs = DEFAULT_LIMIT_MS,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== null && value !== undefined) {
      return value as Exclude<T, false | null | undefined>;
    }
    if (performance.now() >= deadline) throw new WaitLimitError(what, limitMs);
    await nextPoll();
  }
}

/** The only place of the tests that lets time pass: between two looks at a condition. */
function nextPoll(): Promise<unknown> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), POLL_MS));
}

export interface Resolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Promise.withResolvers, which Node 20 does not have. */
export function withResolvers<T>(): Resolvers<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
