import type { Results, Metric } from './results.js';
import { difference, ratio } from './compare.js';
import type { Spread } from './statistics.js';

/**
 * The goals of the project as data. Each compares one figure of this server with the same figure of a peer, round by
 * round, and holds where the median of the rounds is within the limit.
 */
export interface Goal {
  readonly name: string;
  readonly scenario: string;
  readonly metric: Metric;
  readonly server: string;
  readonly versus: string;
  readonly relation: 'times' | 'plus';
  readonly bound: 'at most' | 'at least';
  readonly limit: number;
  readonly unit: string;
}

function times(
  name: string,
  scenario: string,
  metric: Metric,
  [server, versus]: readonly [string, string],
  [bound, limit]: readonly [Goal['bound'], number],
): Goal {
  return { name, scenario, metric, server, versus, relation: 'times', bound, limit, unit: '×' };
}

const cpu = 'cpuMicrosecondsPerRequest';
const rate = 'requestsPerSecond';

export const goals: readonly Goal[] = [
  times('hello, CPU against node:http', 'hello', cpu, ['loop', 'node'], ['at most', 0.42]),
  times('hello, CPU against Bun', 'hello', cpu, ['loop', 'bun'], ['at most', 0.85]),
  times('hello, CPU against the floor', 'hello', cpu, ['loop', 'floor'], ['at most', 1.15]),
  times('browser headers, CPU', 'browser', cpu, ['loop', 'node'], ['at most', 0.42]),
  times('varied requests, CPU', 'varied', cpu, ['loop', 'node'], ['at most', 0.42]),
  times('pool mode, CPU', 'hello', cpu, ['pool', 'node'], ['at most', 0.65]),
  times('scoreboard and master, CPU', 'hello', cpu, ['loop-master', 'loop'], ['at most', 1.03]),
  times('pipelined, requests/s', 'pipelined', rate, ['loop', 'node'], ['at least', 12]),
  times('uWSGI as its manual starts it', 'hello', rate, ['loop', 'uwsgi'], ['at least', 8]),
  times(
    'behind nginx, against uWSGI',
    'behind-nginx',
    rate,
    ['nginx-tsuwsgi', 'nginx-uwsgi'],
    ['at least', 1.6],
  ),
  times(
    'behind nginx, against node:http',
    'behind-nginx',
    rate,
    ['nginx-tsuwsgi', 'nginx-node'],
    ['at least', 1.3],
  ),
  times('one connection, p50', 'one', 'p50Microseconds', ['loop', 'node'], ['at most', 1]),
  {
    name: 'memory of a worker',
    scenario: 'hello',
    metric: 'workerRssKilobytes',
    server: 'loop',
    versus: 'node',
    relation: 'plus',
    bound: 'at most',
    limit: 12 * 1024,
    unit: 'kB',
  },
];

export interface Verdict {
  readonly goal: Goal;
  /** undefined: not measured in these results. */
  readonly value: Spread | undefined;
  readonly met: boolean;
}

function judge(goal: Goal, results: Results): Verdict {
  const compare = goal.relation === 'times' ? ratio : difference;
  const value = compare(results, goal);
  if (value === undefined) return { goal, value, met: false };
  const met = goal.bound === 'at most' ? value.median <= goal.limit : value.median >= goal.limit;
  return { goal, value, met };
}

export function judgeGoals(results: Results): Verdict[] {
  return goals.map((goal) => judge(goal, results));
}

/** The scenario of the table in README.md. */
export const headlineScenario = 'hello';

/** The pairs that the goals need. With every server of the headline's scenario they are what `--goals` measures. */
export function goalPairs(): ReadonlySet<string> {
  return new Set(
    goals.flatMap(({ scenario, server, versus }) => [
      `${scenario} ${server}`,
      `${scenario} ${versus}`,
    ]),
  );
}
