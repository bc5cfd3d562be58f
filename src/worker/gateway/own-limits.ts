/** Limits that applications give single requests, in place of `--harakiri`'s. */
import type { Environ } from '../../app/types.js';
import type { ScoreboardRow } from '../../ipc/scoreboard.js';
import { monotonicMs } from '../../ipc/scoreboard.js';
import { runningCall } from './call-watch.js';
import type { RequestName } from './outbox.js';

export interface OwnLimit {
  /** Milliseconds of performance.now(). */
  readonly setAt: number;
  /** The same clock; Infinity where the request may take as long as it does. */
  readonly deadline: number;
  readonly limitMs: number;
  /** The core knows. */
  told: boolean;
}

/**
 * Found by `environ['tsuwsgi.signal']`, which is the request's own and which a middleware that copies or changes the
 * environ leaves as it is: so a request without a limit of its own costs nothing.
 */
export class OwnLimits {
  readonly #bySignal = new Map<AbortSignal, OwnLimit>();
  /** Who looks after deadlines: there is something to look after now. */
  added: (signal: AbortSignal) => void = () => undefined;
  /** Tells the core, which shows the deadline, and answers for a blocked worker. */
  tell: (request: RequestName, limitMs: number) => void = () => undefined;
  /** Where the master reads for how long JavaScript may be blocked. */
  row: ScoreboardRow | undefined;

  get size(): number {
    return this.#bySignal.size;
  }

  get(signal: AbortSignal | undefined): OwnLimit | undefined {
    return signal === undefined ? undefined : this.#bySignal.get(signal);
  }

  set(environ: Environ, seconds: number): void {
    const signal = environ['tsuwsgi.signal'];
    const setAt = performance.now();
    const limitMs = seconds === 0 ? Infinity : seconds * 1000;
    this.#bySignal.set(signal, { setAt, deadline: setAt + limitMs, limitMs, told: false });
    this.#publish();
    const call = runningCall();
    if (call?.environ['tsuwsgi.signal'] === signal) {
      this.#publishCall(limitMs);
      this.tellOnce(signal, call);
    }
    this.added(signal);
  }

  /** `request` is the one that has `signal`. */
  tellOnce(signal: AbortSignal | undefined, request: RequestName): void {
    const own = this.get(signal);
    if (own === undefined || own.told) return;
    own.told = true;
    this.tell(request, Math.max(0, own.deadline - performance.now()));
  }

  /** Forgets requests that are over. */
  keepOnly(running: ReadonlySet<AbortSignal | undefined>): void {
    const before = this.#bySignal.size;
    for (const signal of this.#bySignal.keys()) {
      if (!running.has(signal)) this.#bySignal.delete(signal);
    }
    if (this.#bySignal.size < before) this.#publish();
  }

  #publish(): void {
    let longest = 0;
    for (const { limitMs } of this.#bySignal.values()) longest = Math.max(longest, limitMs);
    this.row?.set('LONGEST_LIMIT', longest);
  }

  /** The master counts from the last heartbeat, the limit from now. */
  #publishCall(limitMs: number): void {
    const { row } = this;
    if (row === undefined) return;
    row.set('CALL_LIMIT', monotonicMs() - row.get('HEARTBEAT') + limitMs);
  }
}

/** Of this process's requests. */
export const ownLimits = new OwnLimits();

const FOREVER_SECONDS = 365 * 24 * 3600;

/**
 * Gives a request `seconds` from now on, in place of what `--harakiri` gives every request; 0: as long as it takes.
 * `environ`: as the application got it, or a copy. Throws RangeError where `seconds` is no number of seconds.
 */
export function setHarakiri(environ: Environ, seconds: number): void {
  if (typeof seconds !== 'number' || !(seconds >= 0) || seconds > FOREVER_SECONDS) {
    throw new RangeError(
      `setHarakiri needs seconds from 0 (no limit) to ${FOREVER_SECONDS}, not ${String(seconds)}`,
    );
  }
  ownLimits.set(environ, seconds);
}

/** `environ['tsuwsgi.setHarakiri']`: one function for all requests. */
export function setOwnHarakiri(this: Environ, seconds: number): void {
  setHarakiri(this, seconds);
}
