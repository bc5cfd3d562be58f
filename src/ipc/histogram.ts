/** How often which latency occurred: the buckets of native/base/scoreboard.h, with what can be said from them. */
import { Layout } from './scoreboard-layout.js';

const SHARES = 8;
const SHARES_LOG = 3;

/** The smallest latency that falls into the bucket, in microseconds. */
export function bucketStart(bucket: number): number {
  if (bucket < SHARES) return bucket;
  const doubling = Math.floor(bucket / SHARES) + SHARES_LOG - 1;
  return 2 ** (doubling - SHARES_LOG) * (SHARES + (bucket % SHARES));
}

/** Of each bucket, and where the last one ends. */
const STARTS = Array.from({ length: Layout.buckets + 1 }, (_, bucket) => bucketStart(bucket));

export class Histogram {
  /** By bucket. */
  readonly counts: Float64Array;
  /** All latencies together, in microseconds. */
  sumMicros: number;

  constructor(counts: Float64Array = new Float64Array(Layout.buckets), sumMicros = 0) {
    this.counts = counts;
    this.sumMicros = sumMicros;
  }

  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  add(other: Histogram): void {
    other.counts.forEach((count, bucket) => {
      if (count !== 0) this.counts[bucket] = (this.counts[bucket] ?? 0) + count;
    });
    this.sumMicros += other.sumMicros;
  }

  copy(): Histogram {
    return new Histogram(this.counts.slice(), this.sumMicros);
  }

  /** What came since `earlier`, which is a copy of this histogram from before. */
  since(earlier: Histogram): Histogram {
    const counts = this.counts.map((count, bucket) =>
      Math.max(0, count - (earlier.counts[bucket] ?? 0)),
    );
    return new Histogram(counts, Math.max(0, this.sumMicros - earlier.sumMicros));
  }

  /** How many took less than each of `limits` (microseconds, growing); exact at starts of buckets, as powers of two are. */
  countsBelow(limits: readonly number[]): number[] {
    let bucket = 0;
    let whole = 0;
    return limits.map((limit) => {
      while (bucket < this.counts.length && (STARTS[bucket + 1] as number) <= limit) {
        whole += this.counts[bucket] ?? 0;
        bucket += 1;
      }
      return whole + this.#partBelow(limit, bucket);
    });
  }

  /** What of the bucket lies below `limit`, if its latencies are spread evenly. */
  #partBelow(limit: number, bucket: number): number {
    const start = STARTS[bucket] as number;
    if (bucket === this.counts.length || limit <= start) return 0;
    return (
      ((this.counts[bucket] ?? 0) * (limit - start)) / ((STARTS[bucket + 1] as number) - start)
    );
  }

  /** The latency in microseconds that the share `quantile` (0 to 1) stays below; undefined without any. */
  quantile(quantile: number): number | undefined {
    const { count } = this;
    if (count === 0) return undefined;
    let left = Math.min(count, Math.max(0, quantile * count));
    for (let bucket = 0; bucket < this.counts.length; bucket += 1) {
      const here = this.counts[bucket] ?? 0;
      if (here > 0 && left <= here) {
        const start = STARTS[bucket] as number;
        return start + (left / here) * ((STARTS[bucket + 1] as number) - start);
      }
      left -= here;
    }
    return STARTS[this.counts.length];
  }
}
