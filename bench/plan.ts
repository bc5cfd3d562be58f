import { goalPairs, headlineScenario } from './goals.js';
import type { Pair } from './measure.js';
import type { BenchOptions } from './options.js';
import type { Omission } from './results.js';
import { findScenario, type Scenario } from './scenarios.js';
import { serves, type Server } from './server.js';
import { findServer } from './servers.js';

export interface Plan {
  readonly servers: readonly Server[];
  /** In the order in which they run. */
  readonly pairs: readonly Pair[];
  readonly skipped: readonly Omission[];
}

function rotate<T>(list: readonly T[], by: number): T[] {
  const at = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/**
 * Interleaved: a round runs every server of a scenario one after the other, each round starts with another server, and
 * only then comes the next scenario's turn. A slow minute of the machine meets all servers alike.
 */
export function makePlan(options: BenchOptions): Plan {
  const chosen = options.servers.map(findServer).filter((server) => server !== undefined);
  const omissions = new Map(chosen.map((server) => [server, omission(server, options.node)]));
  const servers = chosen.filter((server) => omissions.get(server) === undefined);
  const skipped = [...omissions.values()].filter((one) => one !== undefined);
  const rounds = Array.from({ length: options.rounds }, (_, round) => round);
  const pairs = rounds.flatMap((round) => roundPairs(options, servers, round));
  return { servers, pairs, skipped };
}

function omission(server: Server, node: string): Omission | undefined {
  const { name } = server;
  const missing = server.missing(node);
  if (missing !== undefined) return { name, reason: missing };
  const forbidden = server.forbidden?.();
  return forbidden === undefined ? undefined : { name, reason: forbidden, forbidden: true };
}

function roundPairs(options: BenchOptions, servers: readonly Server[], round: number): Pair[] {
  const needed = goalPairs();
  const wanted = (scenario: Scenario, server: Server): boolean =>
    serves(server, scenario) &&
    (!options.goals ||
      scenario.name === headlineScenario ||
      needed.has(`${scenario.name} ${server.name}`));
  return options.scenarios
    .map(findScenario)
    .filter((scenario) => scenario !== undefined)
    .flatMap((scenario) => {
      const candidates = servers.filter((server) => wanted(scenario, server));
      return rotate(candidates, round).map((server) => ({ server, scenario, round }));
    });
}
