import { flatnessLimitKilobytes, judgeFlatness } from './flatness.js';
import { judgeGoals } from './goals.js';
import { baseline, number, withRange } from './report.js';
import type { Results } from './results.js';
import { plainTable } from './table.js';

/** One goal, as the table has it. */
export interface GoalRow {
  readonly cells: readonly string[];
  /** False also where it was not measured. */
  readonly met: boolean;
}

function goalRow(
  what: readonly [name: string, servers: string, limit: string],
  measured: string | undefined,
  met: boolean,
): GoalRow {
  const verdict = met ? 'met' : 'NOT MET';
  return {
    cells: [...what, measured ?? '', measured === undefined ? 'not measured' : verdict],
    met,
  };
}

const memoryGoal = 'memory, growth to the last million';
const memoryLimit = `at most ${flatnessLimitKilobytes} kB`;

/** Memory over time is judged by itself, not against a peer. */
function flatnessRows({ rss }: Results): GoalRow[] {
  const rows = rss
    .filter(({ server }) => server !== baseline)
    .map((series) => {
      const { growth, flat } = judgeFlatness(series);
      return goalRow([memoryGoal, series.server, memoryLimit], number(growth), flat);
    });
  return rows.length > 0 ? rows : [goalRow([memoryGoal, '', memoryLimit], undefined, false)];
}

function comparedRows(results: Results): GoalRow[] {
  return judgeGoals(results).map(({ goal, value, met }) => {
    const { name, bound, limit, unit, server, versus } = goal;
    const what = [name, `${server} : ${versus}`, `${bound} ${limit} ${unit}`] as const;
    return goalRow(what, value === undefined ? undefined : withRange(value), met);
  });
}

export function goalRows(results: Results): GoalRow[] {
  return [...comparedRows(results), ...flatnessRows(results)];
}

export const goalHead = ['goal', 'servers', 'limit', 'measured', 'verdict'];

export function goalsText(results: Results): string {
  return plainTable(
    goalHead,
    goalRows(results).map(({ cells }) => cells),
  );
}
