import assert from 'node:assert/strict';
import { bucketStart } from '../../../src/ipc/histogram.js';
import {
  comparable,
  figuresBetween,
  parseDocument,
  percentilesOf,
  type StatsDocument,
} from '../../../src/page/figures.js';
import { noLatencies } from '../../../src/supervisor/workers/slot-totals.js';
import { formatStats, statsDocument } from '../../../src/supervisor/stats/stats-document.js';
import { histogramOf, statsOf, totalsOf, workerOf } from '../supervisor/stats/stats-sample.js';

/** As the server writes it. `counts`: requests by bucket of the histogram. */
function documentAt(
  now: number,
  requests: number,
  counts: Readonly<Record<number, number>>,
): StatsDocument {
  const total = histogramOf(counts, 0);
  const javascript = histogramOf(counts, requests * 100);
  const latencies = { ...noLatencies(), total, javascript };
  const totals = totalsOf({ requests, answers5xx: requests / 10, latencies });
  const stats = statsOf({ now, workers: [workerOf({ totals })] });
  return parseDocument(formatStats(statsDocument(stats, true), true));
}

describe('figures between two looks', () => {
  it('are rates and percentiles of what happened in the meantime', () => {
    const earlier = documentAt(10_000, 100, { 8: 100 });
    const later = documentAt(12_000, 120, { 8: 100, 64: 19, 80: 1 });
    const figures = figuresBetween(earlier, later);
    assert.deepEqual([figures.requestsPerSecond, figures.failuresPerSecond], [10, 1]);
    const { p50 = 0, p99 = 0 } = figures.latency ?? {};
    assert.ok(p50 >= bucketStart(64) && p50 <= bucketStart(65), String(p50));
    assert.ok(p99 >= bucketStart(80) && p99 <= bucketStart(81), String(p99));
    assert.equal(figures.stages?.javascript, 100);
    assert.equal(figures.workers[0]?.requestsPerSecond, 10);
    assert.deepEqual(figures.workers[0].latency, figures.latency);
  });

  it('have no percentiles where nothing was answered', () => {
    const figures = figuresBetween(documentAt(1000, 5, { 8: 5 }), documentAt(2000, 5, { 8: 5 }));
    assert.deepEqual(
      [figures.latency, figures.stages, figures.requestsPerSecond],
      [...[undefined, undefined, 0]],
    );
  });

  it('need two looks at the same server', () => {
    const first = documentAt(1000, 5, {});
    assert.ok(comparable(first, documentAt(2000, 5, {})));
    assert.ok(!comparable(documentAt(2000, 5, {}), first));
    assert.ok(!comparable(first, { ...documentAt(2000, 5, {}), started_at: 1 }));
  });

  it('take the classes to be as wide as the server makes them', () => {
    for (const bucket of [3, 8, 15, 16, 63, 100, 200]) {
      const end = bucketStart(bucket + 1);
      const { p50 = 0 } = percentilesOf([[end, 2]]) ?? {};
      assert.equal(p50, (bucketStart(bucket) + end) / 2);
    }
  });

  it('are refused of what is no document of this server', () => {
    assert.throws(() => parseDocument('{"version":"2.0.21"}'), /not the statistics of tsuwsgi/);
    assert.throws(() => parseDocument('no JSON'), /not the statistics of tsuwsgi/);
  });
});
