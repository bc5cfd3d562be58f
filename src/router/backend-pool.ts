/**
 * Which backend a request goes to: the one with the fewest requests running, by turns among equals.
 *
 * A backend that could not be reached is left alone for a while, and comes back through one request, which finds out.
 * Where nobody else is left it is tried at once: by every request where it refuses, which takes no time, by one at a time
 * where it was silent, so that not all wait for a machine that is down.
 */
import type { BackendAddress } from '../config/backend-address.js';

export interface Backend {
  readonly address: BackendAddress;
  /** For the log. */
  readonly name: string;
  /** Requests that run there now. */
  readonly inFlight: number;
}

interface Member extends Backend {
  inFlight: number;
  /** When it may be tried again, in milliseconds; undefined: it works. */
  retryAt: number | undefined;
  /** A request is finding out whether it works again. */
  probed: boolean;
  /** It did not answer in time, so that finding out takes a while. */
  slow: boolean;
}

export interface PoolOptions {
  readonly backends: readonly BackendAddress[];
  /** Asked only while none of `backends` is available. */
  readonly fallbacks: readonly BackendAddress[];
  /** How long a backend that failed is left alone. */
  readonly graceMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export class BackendPool {
  readonly #members: readonly Member[];
  readonly #fallbacks: readonly Member[];
  readonly #graceMs: number;
  readonly #now: () => number;
  #turn = 0;

  constructor({ backends, fallbacks, graceMs, now }: PoolOptions) {
    this.#members = backends.map(newMember);
    this.#fallbacks = fallbacks.map(newMember);
    this.#graceMs = graceMs;
    this.#now = now;
  }

  /**
   * Takes a backend that is not in `tried` for one request; undefined where none can be had. Ends with `release`.
   */
  take(tried: ReadonlySet<Backend>): Backend | undefined {
    const open = (members: readonly Member[]): Member[] =>
      members.filter((member) => !tried.has(member) && !(member.probed && member.slow));
    const [first, second] = [open(this.#members), open(this.#fallbacks)];
    const chosen =
      this.#leastBusy(first.filter((member) => this.#available(member))) ??
      this.#leastBusy(second.filter((member) => this.#available(member))) ??
      soonest([...first, ...second]);
    if (chosen === undefined) return undefined;
    chosen.inFlight += 1;
    if (chosen.retryAt !== undefined) chosen.probed = true;
    this.#turn += 1;
    return chosen;
  }

  /** The request is over there, however it ended. One that was `connected` was not finding out, or has. */
  release(backend: Backend, connected = false): void {
    const member = this.#member(backend);
    member.inFlight -= 1;
    if (!connected) member.probed = false;
  }

  /** A connection was made. Returns whether it had failed before. */
  reached(backend: Backend): boolean {
    const member = this.#member(backend);
    const returned = member.retryAt !== undefined;
    member.retryAt = undefined;
    member.probed = false;
    return returned;
  }

  /** No connection could be made; `timeout`: it took as long as it may to find out. */
  failed(backend: Backend, timeout: boolean): void {
    const member = this.#member(backend);
    member.retryAt = this.#now() + this.#graceMs;
    member.slow = timeout;
  }

  #available({ retryAt, probed }: Member): boolean {
    return retryAt === undefined || (retryAt <= this.#now() && !probed);
  }

  #leastBusy(members: readonly Member[]): Member | undefined {
    let best: Member | undefined;
    for (let i = 0; i < members.length; i++) {
      const member = members[(this.#turn + i) % members.length] as Member;
      if (best === undefined || member.inFlight < best.inFlight) best = member;
    }
    return best;
  }

  /** A pool gives out its own members only. */
  #member(backend: Backend): Member {
    return backend as Member;
  }
}

function newMember(address: BackendAddress): Member {
  return {
    address,
    name: address.text,
    inFlight: 0,
    retryAt: undefined,
    probed: false,
    slow: false,
  };
}

function soonest(members: readonly Member[]): Member | undefined {
  let best: Member | undefined;
  for (const member of members) {
    if (best === undefined || (member.retryAt ?? 0) < (best.retryAt ?? 0)) best = member;
  }
  return best;
}
