import type { Measurement, Metric, Results } from './results.js';
import { spread, type Spread } from './statistics.js';

export interface Comparison {
  readonly scenario: string;
  readonly metric: Metric;
  readonly server: string;
  readonly versus: string;
}

function rounds(results: Results, scenario: string, server: string): Measurement[] {
  return results.measurements.filter(
    (candidate) => candidate.scenario === scenario && candidate.server === server,
  );
}

export function figure(
  results: Results,
  scenario: string,
  server: string,
  metric: Metric,
): Spread | undefined {
  return spread(rounds(results, scenario, server).map((measurement) => measurement[metric]));
}

/** Pairs what ran in the same round: what slows the machine for a while slows both. */
function paired(
  results: Results,
  { scenario, metric, server, versus }: Comparison,
  combine: (own: number, other: number) => number,
): Spread | undefined {
  const others = new Map(rounds(results, scenario, versus).map((one) => [one.round, one[metric]]));
  const values = rounds(results, scenario, server).flatMap((own) => {
    const other = others.get(own.round);
    return other === undefined ? [] : [combine(own[metric], other)];
  });
  return spread(values);
}

/** `server` divided by `versus`, per round. */
export function ratio(results: Results, comparison: Comparison): Spread | undefined {
  return paired(results, comparison, (own, other) => own / other);
}

/** `server` minus `versus`, per round. */
export function difference(results: Results, comparison: Comparison): Spread | undefined {
  return paired(results, comparison, (own, other) => own - other);
}
