/** Lines that a destination of the log did not take: counted, and told when it begins and when it is over. */
import type { DropState } from '../../log/line-sink.js';
import type { Logger } from '../../log/logger.js';

/** A destination and what it did not take, as it knows it itself. */
export interface DropSource extends DropState {
  readonly name: string;
  /** Nobody writes to it now, so nobody knows whether it takes lines. */
  readonly unused?: boolean;
}

/** For the statistics. */
export interface LogDrop {
  readonly destination: string;
  /** Lines, since the server's start. */
  readonly dropped: number;
  /** Milliseconds since the epoch; undefined: it takes lines now. */
  readonly since: number | undefined;
  readonly reason: string | undefined;
}

/** A reader that is only slow has room between them. */
const STUCK_LOOKS = 5;

interface Gap {
  readonly since: number;
  /** Lines that were dropped before. */
  readonly before: number;
}

interface Destination {
  dropped: number;
  gap: Gap | undefined;
  reason: string | undefined;
  /** Looks in a row that found it taking nothing. */
  refusals: number;
}

export class LogDrops {
  readonly #logger: Pick<Logger, 'warn' | 'info'>;
  readonly #sources: () => readonly DropSource[];
  readonly #known = new Map<string, Destination>();
  readonly #now: () => number;

  constructor(
    logger: Pick<Logger, 'warn' | 'info'>,
    sources: () => readonly DropSource[],
    now: () => number = Date.now,
  ) {
    this.#logger = logger;
    this.#sources = sources;
    this.#now = now;
  }

  /** To be called about once a second. */
  look(): void {
    for (const source of this.#sources()) this.#lookAt(source);
  }

  /** Destinations that ever dropped a line. */
  facts(): readonly LogDrop[] {
    return [...this.#known]
      .filter(([, { dropped }]) => dropped > 0)
      .map(([destination, { dropped, gap, reason }]) => ({
        destination,
        dropped,
        since: gap?.since,
        reason,
      }));
  }

  #lookAt(source: DropSource): void {
    const { name, dropped, refusal } = source;
    const known = this.#destination(name);
    const before = known.dropped;
    known.dropped = dropped;
    if (refusal !== undefined) known.reason = refusal;
    // Where little is written it takes long until something is lost: whoever waits for a line is to know before.
    if (source.unused !== true) known.refusals = refusal === undefined ? 0 : known.refusals + 1;
    if ((dropped > before || known.refusals >= STUCK_LOOKS) && known.gap === undefined) {
      known.gap = { since: this.#now(), before };
      this.#begins(name, known.reason ?? 'it takes less than is written');
    } else if (dropped === before && takesLines(source) && known.gap !== undefined) {
      this.#ends(name, dropped - known.gap.before, this.#now() - known.gap.since);
      known.gap = undefined;
    }
  }

  #destination(name: string): Destination {
    const known = this.#known.get(name) ?? {
      dropped: 0,
      gap: undefined,
      reason: undefined,
      refusals: 0,
    };
    this.#known.set(name, known);
    return known;
  }

  #begins(destination: string, reason: string): void {
    this.#logger.warn(
      `${destination} does not take what is logged (${reason}): what cannot be kept is dropped and counted, requests go on. ` +
        'Make room, or start what reads it, or open the log anew',
      { event: 'log-drops', destination, reason },
    );
  }

  #ends(destination: string, dropped: number, forMs: number): void {
    this.#logger.warn(
      `${destination} takes lines again: ${dropped} were dropped in the last ${(forMs / 1000).toFixed(0)} s`,
      { event: 'log-drops-end', destination, dropped, forMs },
    );
  }
}

function takesLines({ refusal, unused }: DropSource): boolean {
  return refusal === undefined && unused !== true;
}
