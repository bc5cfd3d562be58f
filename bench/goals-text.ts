import { flatnessLimitKilobytes, judgeFlatness } from './flatness.js';
import { judgeGoals, type Verdict } from './goals.js';
import { baseline, number, withRange } from './report.js';
import type { Results } from './results.js';
import { plainTable } from './table.js';

function verdictWord({ value, met }: Verdict): string {
  if (value === undefined) return 'not measured';
  return met ? 'met' : 'NOT MET';
}

/** Memory over time is judged by itself, not against a peer. */
function flatnessRows({ rss }: Results): string[][] {
  return rss
    .filter(({ server }) => server !== baseline)
    .map((series) => {
      const { growth, flat } = judgeFlatness(series);
      const limit = `at most ${flatnessLimitKilobytes} kB`;
      const name = 'memory, growth to the last million';
      return [name, series.server, limit, number(growth), flat ? 'met' : 'NOT MET'];
    });
}

function comparedRows(results: Results): string[][] {
  return judgeGoals(results).map((verdict) => {
    const { name, bound, limit, unit, server, versus } = verdict.goal;
    return [
      name,
      `${server} : ${versus}`,
      `${bound} ${limit} ${unit}`,
      withRange(verdict.value),
      verdictWord(verdict),
    ];
  });
}

export function goalRows(results: Results): string[][] {
  return [...comparedRows(results), ...flatnessRows(results)];
}

export const goalHead = ['goal', 'servers', 'limit', 'measured', 'verdict'];

export function goalsText(results: Results): string {
  return plainTable(goalHead, goalRows(results));
}
