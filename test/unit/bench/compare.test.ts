import assert from 'node:assert/strict';
import { figure, ratio } from '../../../bench/compare.js';
import { judgeFlatness, judgeMaster, masterLimitKilobytes } from '../../../bench/flatness.js';
import { goals, judgeGoals, type Goal } from '../../../bench/goals.js';
import { spread } from '../../../bench/statistics.js';
import { measurement, resultsOf } from './results.js';

const cpu = 'cpuMicrosecondsPerRequest';

describe('figures of a benchmark', () => {
  it('are medians with their range', () => {
    assert.deepEqual(spread([5, 1, 3]), { median: 3, low: 1, high: 5, rounds: 3 });
    assert.deepEqual(spread([4, 2]), { median: 3, low: 2, high: 4, rounds: 2 });
    assert.equal(spread([]), undefined);
  });

  it('belong to one server and one scenario', () => {
    const results = resultsOf([
      measurement({ [cpu]: 7 }),
      measurement({ server: 'node', [cpu]: 20 }),
      measurement({ scenario: 'json', [cpu]: 90 }),
    ]);
    assert.equal(figure(results, 'hello', 'loop', cpu)?.median, 7);
    assert.equal(figure(results, 'hello', 'bun', cpu), undefined);
  });

  it('are compared within a round, so that a slow round is slow for both', () => {
    const results = resultsOf([
      measurement({ round: 0, [cpu]: 5 }),
      measurement({ round: 1, [cpu]: 50 }),
      measurement({ round: 2, [cpu]: 9 }),
      measurement({ round: 0, server: 'node', [cpu]: 10 }),
      measurement({ round: 1, server: 'node', [cpu]: 100 }),
    ]);
    const comparison = { scenario: 'hello', metric: cpu, server: 'loop', versus: 'node' } as const;
    assert.deepEqual(ratio(results, comparison), { median: 0.5, low: 0.5, high: 0.5, rounds: 2 });
  });
});

describe('goals of a benchmark', () => {
  function verdictOf(goal: Goal, own: number, other: number): boolean {
    const { scenario, metric } = goal;
    const results = resultsOf([
      measurement({ scenario, server: goal.server, [metric]: own }),
      measurement({ scenario, server: goal.versus, [metric]: other }),
    ]);
    const verdict = judgeGoals(results).find((candidate) => candidate.goal === goal);
    assert.ok(verdict);
    return verdict.met;
  }

  for (const goal of goals) {
    it(`hold at the limit and not beyond it: ${goal.name}`, () => {
      const at = (by: number): number =>
        goal.relation === 'times' ? 1000 * goal.limit * by : 1000 + goal.limit * by;
      assert.equal(verdictOf(goal, at(1), 1000), true);
      assert.equal(verdictOf(goal, at(goal.bound === 'at most' ? 1.01 : 0.99), 1000), false);
    });
  }

  it('are not met where nothing was measured', () => {
    assert.ok(judgeGoals(resultsOf([])).every((verdict) => !verdict.met));
  });
});

describe('memory over time', () => {
  function judge(...megabytes: readonly number[]): boolean {
    const samples = megabytes.map((size, index) => ({
      requests: index * 5e5,
      workerRssKilobytes: size * 1024,
    }));
    return judgeFlatness({ server: 'loop', scenario: 'hello', samples }).flat;
  }

  it('is flat where the last million needs what the first did', () => {
    assert.equal(judge(40, 60, 62, 61, 63, 60, 62), true);
  });

  it('is not flat where it creeps', () => {
    assert.equal(judge(40, 60, 62, 64, 66, 68, 70), false);
  });

  it('does not count what boot needed', () => {
    assert.equal(judge(90, 60, 62, 64, 66, 68, 70), false);
  });
});

describe('judgeMaster', () => {
  const judged = (last: number) =>
    judgeMaster(
      Array.from({ length: 11 }, (_, tenth) => ({
        recycles: tenth * 100,
        kilobytes: tenth < 3 ? 40_000 : tenth < 10 ? 60_000 : last,
      })),
    );

  it('compares the end with the third tenth', () => {
    assert.deepEqual(judged(60_000 + masterLimitKilobytes), {
      growth: masterLimitKilobytes,
      flat: true,
    });
    assert.equal(judged(60_001 + masterLimitKilobytes).flat, false);
  });

  it('does not take a run that ended early for flat', () => {
    assert.equal(judgeMaster([{ recycles: 0, kilobytes: 1 }]).flat, false);
  });
});
