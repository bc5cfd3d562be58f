import assert from 'node:assert/strict';
import { bucketStart, Histogram } from '../../../src/ipc/histogram.js';
import { Layout } from '../../../src/ipc/scoreboard-layout.js';

function histogramOf(counts: Readonly<Record<number, number>>): Histogram {
  const histogram = new Histogram();
  for (const [bucket, count] of Object.entries(counts)) histogram.counts[Number(bucket)] = count;
  return histogram;
}

describe('buckets of latencies', () => {
  it('begin where the native core lets them begin', () => {
    assert.deepEqual([0, 7, 8, 9, 15, 16, 17].map(bucketStart), [0, 7, 8, 9, 15, 16, 18]);
    // (doubling - 2) * 8 is the bucket of 2 ** doubling.
    for (let doubling = 3; doubling < 32; doubling += 1)
      assert.equal(bucketStart((doubling - 2) * 8), 2 ** doubling);
  });

  it('are an eighth wide at most', () => {
    for (let bucket = 8; bucket < Layout.buckets; bucket += 1) {
      const start = bucketStart(bucket);
      assert.ok(bucketStart(bucket + 1) - start <= Math.max(1, start / 8));
    }
  });
});

describe('Histogram', () => {
  it('has no quantile without a latency', () => {
    assert.equal(new Histogram().quantile(0.5), undefined);
  });

  it('finds quantiles within their bucket', () => {
    // 99 of 1024 to 1151 microseconds, one of 2 ** 20 and more.
    const histogram = histogramOf({ 64: 99, 144: 1 });
    assert.deepEqual([bucketStart(64), bucketStart(144)], [1024, 2 ** 20]);
    assert.equal(histogram.quantile(0.5), 1024 + (50 / 99) * 128);
    assert.equal(histogram.quantile(0.99), 1152);
    assert.equal(histogram.quantile(1), bucketStart(145));
    assert.equal(histogram.quantile(0), 1024);
  });

  it('adds, copies and subtracts', () => {
    const histogram = histogramOf({ 3: 2 });
    histogram.sumMicros = 6;
    const before = histogram.copy();
    histogram.add(new Histogram(histogramOf({ 3: 1, 200: 4 }).counts, 100));
    assert.deepEqual([histogram.count, histogram.sumMicros, before.count], [7, 106, 2]);
    const since = histogram.since(before);
    assert.deepEqual([since.counts[3], since.counts[200], since.sumMicros], [1, 4, 100]);
  });

  it('counts what lies below a limit', () => {
    const histogram = histogramOf({ 7: 5, 8: 3, 64: 10 });
    assert.deepEqual(histogram.countsBelow([0, 8, 9, 1024, 1088, 2 ** 31]), [0, 5, 8, 8, 13, 18]);
  });
});
