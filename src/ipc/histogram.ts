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
    for (let bucket = 0; bucket < this.counts.length; bucket += 1)
      this.counts[bucket] = (this.counts[bucket] ?? 0) + (other.counts[bucket] ?? 0);
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

  /** How many took less than `micros`; exact where that is the start of a bucket, as powers of two are. */
  countBelow(micros: number): number {
    let sum = 0;
    for (let bucket = 0; bucket < this.counts.length; bucket += 1) {
      const start = bucketStart(bucket);
      if (start >= micros) break;
      const share = Math.min(1, (micros - start) / (bucketStart(bucket + 1) - start));
      sum += (this.counts[bucket] ?? 0) * share;
    }
    return sum;
  }

  /** The latency in microseconds that the share `quantile` (0 to 1) stays below; undefined without any. */
  quantile(quantile: number): number | undefined {
    const { count } = this;
    if (count === 0) return undefined;
    let left = Math.min(count, Math.max(0, quantile * count));
    for (let bucket = 0; bucket < this.counts.length; bucket += 1) {
      const here = this.counts[bucket] ?? 0;
      if (here > 0 && left <= here) {
        const start = bucketStart(bucket);
        return start + (left / here) * (bucketStart(bucket + 1) - start);
      }
      left -= here;
    }
    return bucketStart(this.counts.length);
  }
}
