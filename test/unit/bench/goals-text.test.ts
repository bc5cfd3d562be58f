import assert from 'node:assert/strict';
import { goalRows, goalsText } from '../../../bench/goals-text.js';
import { goals } from '../../../bench/goals.js';
import { requireSameNode, withSeries } from '../../../bench/rss-results.js';
import type { RssSeries } from '../../../bench/results.js';
import { resultsOf } from './results.js';

/** A worker that has grown by `kilobytes` after two million requests. */
function series(server: string, kilobytes: number): RssSeries {
  const samples = [
    { requests: 0, workerRssKilobytes: 50_000 },
    { requests: 1e6, workerRssKilobytes: 60_000 },
    { requests: 2e6, workerRssKilobytes: 60_000 + kilobytes },
  ];
  return { server, scenario: 'hello', samples };
}

describe('memory over time among the goals of a benchmark', () => {
  it('is a goal that is met, or is not', () => {
    const results = { ...resultsOf([]), rss: [series('loop', 10), series('pool', 50_000)] };
    const memory = goalRows(results).slice(goals.length);
    assert.deepEqual(
      memory.map(({ cells, met }) => [cells[1], cells.at(-1), met]),
      [
        ['loop', 'met', true],
        ['pool', 'NOT MET', false],
      ],
    );
  });

  it('is not met where it was not measured, or of a peer alone', () => {
    for (const rss of [[], [series('node', 10)]]) {
      const rows = goalRows({ ...resultsOf([]), rss });
      assert.equal(rows.length, goals.length + 1);
      assert.ok(rows.every(({ met }) => !met));
      assert.match(goalsText({ ...resultsOf([]), rss }), /memory, growth .* not measured$/m);
    }
  });

  it('stands beside other figures of the same Node only', () => {
    const results = resultsOf([]);
    requireSameNode(results, results.machine.node);
    assert.throws(() => requireSameNode(results, '24.0.0'), /of Node 20\.1\.0.*24\.0\.0/);
  });

  it('replaces what was known of the same server', () => {
    const results = { ...resultsOf([]), rss: [series('loop', 10), series('node', 10)] };
    const { rss } = withSeries(results, [series('loop', 20), series('pool', 5)]);
    assert.deepEqual(
      rss.map(({ server, samples }) => [server, samples.at(-1)?.workerRssKilobytes]),
      [
        ['node', 60_010],
        ['loop', 60_020],
        ['pool', 60_005],
      ],
    );
  });
});
