import type { RssSeries } from './results.js';

/** What the largest sample of the last million may be above the largest of the first. */
export const flatnessLimitKilobytes = 4 * 1024;

export interface Flatness {
  readonly firstMillion: number;
  readonly lastMillion: number;
  /** Kilobytes, as all figures here. */
  readonly growth: number;
  readonly flat: boolean;
}

const million = 1e6;

/**
 * The largest sample of a million, because what is sampled between two collections of the garbage collector says
 * little. The sample before the first request (boot) counts for neither.
 */
export function judgeFlatness({ samples }: RssSeries): Flatness {
  const total = samples.at(-1)?.requests ?? 0;
  const largest = (from: number, to: number): number =>
    Math.max(
      ...samples
        .filter(({ requests }) => requests > from && requests <= to)
        .map((sample) => sample.workerRssKilobytes),
    );
  const firstMillion = largest(0, Math.max(million, samples[1]?.requests ?? 0));
  const lastMillion = largest(total - million, total);
  const growth = lastMillion - firstMillion;
  return { firstMillion, lastMillion, growth, flat: growth <= flatnessLimitKilobytes };
}

export interface RecycleSample {
  readonly recycles: number;
  readonly kilobytes: number;
}

/** What the last sample of a master may be above the third tenth of the way, before which code is still compiled. */
export const masterLimitKilobytes = 3 * 1024;

export function judgeMaster(samples: readonly RecycleSample[]): Pick<Flatness, 'growth' | 'flat'> {
  const growth = (samples.at(-1)?.kilobytes ?? Number.NaN) - (samples[3]?.kilobytes ?? Number.NaN);
  return { growth, flat: growth <= masterLimitKilobytes };
}
