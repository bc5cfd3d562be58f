import assert from 'node:assert/strict';
import { metricsText } from '../../../../src/supervisor/stats/metrics-text.js';
import { serverMetrics } from '../../../../src/supervisor/stats/server-metrics.js';
import { noLatencies } from '../../../../src/supervisor/workers/slot-totals.js';
import { metricValue, parseMetrics } from '../../../helpers/metrics-parser.js';
import { cacheOf, histogramOf, statsOf, totalsOf, workerOf } from './stats-sample.js';

describe('metrics', () => {
  it('are text that Prometheus reads, with every family described', () => {
    const families = parseMetrics(serverMetrics(statsOf()));
    assert.ok(families.size > 30, String(families.size));
    assert.equal(metricValue(families, 'tsuwsgi_requests_total'), 12);
    assert.equal(metricValue(families, 'tsuwsgi_info', { version: '1.2.3' }), 1);
    assert.equal(metricValue(families, 'tsuwsgi_events_total', { event: 'worker-died' }), 1);
    assert.equal(metricValue(families, 'tsuwsgi_log_lines_dropped_total'), 4);
    assert.equal(metricValue(families, 'tsuwsgi_worker_event_loop_delay_seconds'), 0.0015);
  });

  it('call a server ready that takes requests, also at rest, and none whose workers are gone', () => {
    const readyWith = (workersReady: number, workersWanted: number): number => {
      const state = { ...statsOf().state, workersReady, workersWanted };
      return metricValue(parseMetrics(serverMetrics(statsOf({ state }))), 'tsuwsgi_ready');
    };
    assert.deepEqual([readyWith(1, 2), readyWith(0, 0), readyWith(0, 2)], [1, 1, 0]);
  });

  it('have the figures of caches, and none of one that somebody holds', () => {
    const held = { ...cacheOf(), figures: undefined };
    const found = (cache: ReturnType<typeof cacheOf>) =>
      parseMetrics(serverMetrics(statsOf({ shared: { locks: [0], caches: [cache] } })));
    const families = found(cacheOf({ items: 3, hits: 7, misses: 2, evicted: 1 }));
    const value = (name: string): number =>
      metricValue(families, `tsuwsgi_cache_${name}`, { cache: 'c' });
    const names = ['items', 'max_items', 'hits_total', 'misses_total', 'evicted_total'];
    assert.deepEqual(names.map(value), [3, 10, 7, 2, 1]);
    assert.equal(families.get('tsuwsgi_cache_hits_total')?.type, 'counter');
    assert.deepEqual(
      [...found(held).keys()].filter((name) => name.startsWith('tsuwsgi_cache')),
      ['tsuwsgi_cache_max_items'],
    );
  });

  it('have the busyness where it decides', () => {
    const families = parseMetrics(serverMetrics(statsOf({ busyness: 0.4 })));
    assert.equal(metricValue(families, 'tsuwsgi_busyness_ratio'), 0.4);
    assert.equal(parseMetrics(serverMetrics(statsOf())).has('tsuwsgi_busyness_ratio'), false);
  });

  it('count the whole server, and show each worker', () => {
    const workers = [1, 2].map((id) => workerOf({ id, totals: totalsOf({ requests: id * 10 }) }));
    const families = parseMetrics(serverMetrics(statsOf({ workers })));
    assert.equal(metricValue(families, 'tsuwsgi_requests_total'), 30);
    assert.equal(metricValue(families, 'tsuwsgi_worker_requests_total', { worker: '2' }), 20);
    assert.equal(metricValue(families, 'tsuwsgi_workers', { state: 'ready' }), 2);
  });

  it('have latencies in seconds, in classes that add up', () => {
    const total = histogramOf({ 16: 3, 64: 1 }, 3 * 16 + 1024);
    const worker = workerOf({ totals: totalsOf({ latencies: { ...noLatencies(), total } }) });
    const families = parseMetrics(serverMetrics(statsOf({ workers: [worker] })));
    const name = 'tsuwsgi_request_duration_seconds';
    assert.equal(metricValue(families, `${name}_count`), 4);
    assert.equal(metricValue(families, `${name}_sum`), 0.001072);
    assert.equal(metricValue(families, `${name}_bucket`, { le: '0.000064' }), 3);
    assert.equal(metricValue(families, `${name}_bucket`, { le: '+Inf' }), 4);
  });

  it('escape what stands in labels and descriptions', () => {
    const labels = { path: 'a\\b"c\nd' };
    const text = metricsText([
      { name: 'x', help: 'one\ntwo', type: 'gauge', samples: [{ labels, value: 1 }] },
      { name: 'empty', help: 'nothing', type: 'gauge', samples: [] },
    ]);
    assert.equal(text, '# HELP x one\\ntwo\n# TYPE x gauge\nx{path="a\\\\b\\"c\\nd"} 1\n');
    assert.deepEqual(parseMetrics(text).get('x')?.samples[0]?.labels, labels);
  });
});
