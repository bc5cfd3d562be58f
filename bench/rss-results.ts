import type { Results, RssSeries } from './results.js';

/** Figures of one file are of one Node: throws where it is not the one of the series. */
export function requireSameNode({ machine }: Results, node: string): void {
  if (machine.node !== node)
    throw new Error(`the results are of Node ${machine.node}, the series would be of ${node}`);
}

/** Replaces series of the same server and scenario. */
export function withSeries(results: Results, added: readonly RssSeries[]): Results {
  const kept = results.rss.filter(
    (one) =>
      !added.some(({ server, scenario }) => server === one.server && scenario === one.scenario),
  );
  return { ...results, rss: [...kept, ...added] };
}
