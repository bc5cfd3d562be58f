import { parseArgs } from 'node:util';
import { scenarios } from './scenarios.js';
import { servers } from './servers.js';

export const usage = `npm run bench -- [options]

  --scenario NAME,...   scenarios to run (default: all)
                        ${scenarios.map((row) => row.name).join(', ')}
  --servers NAME,...    servers to run (default: all but loop-log)
                        ${servers.map((row) => row.name).join(', ')}
  --goals               only what the goals compare, and hello with every server
  --rounds N            fresh processes for each pair (default 5)
  --seconds N           measured time of each (default 3)
  --warmup N            seconds of load before it (default 2)
  --node PATH           Node binary for this server and its Node peers
  --server-cpu N        core of the server (default 0; -1: not pinned)
  --load-cpu N          core of wrk (default 1; -1: not pinned)
  --out FILE            where the JSON goes (default: bench/build/latest-nodeNN.json)
  --smoke               a second of a few pairs: does everything start and answer?
  --require-all         a server or program that is missing is a failure (default where CI is set)
  --help`;

const declared = {
  scenario: { type: 'string' },
  servers: { type: 'string' },
  goals: { type: 'boolean' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  warmup: { type: 'string' },
  node: { type: 'string' },
  'server-cpu': { type: 'string' },
  'load-cpu': { type: 'string' },
  out: { type: 'string' },
  smoke: { type: 'boolean' },
  'require-all': { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

export interface BenchOptions {
  readonly scenarios: readonly string[];
  readonly servers: readonly string[];
  readonly goals: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmup: number;
  readonly node: string;
  readonly serverCpu: number | undefined;
  readonly loadCpu: number | undefined;
  readonly out: string | undefined;
  readonly smoke: boolean;
  readonly requireAll: boolean;
  readonly help: boolean;
}

export class UsageError extends Error {}

function names(
  given: string | undefined,
  known: readonly string[],
  fallback: readonly string[],
): readonly string[] {
  if (given === undefined) return fallback;
  const chosen = given.split(',');
  const unknown = chosen.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`'${unknown}' is none of ${known.join(', ')}`);
  return chosen;
}

function whole(name: string, given: string | undefined, fallback: number, least: number): number {
  const value = Number(given ?? fallback);
  if (!Number.isInteger(value) || value < least)
    throw new UsageError(`--${name} ${given} is not a whole number from ${least}`);
  return value;
}

function cpu(name: string, given: string | undefined, fallback: number): number | undefined {
  const value = whole(name, given, fallback, -1);
  return value < 0 ? undefined : value;
}

/** Short and wide rather than exact: one scenario of each kind, every server. */
const smokeScenarios = ['hello', 'varied', 'echo', 'file', 'pipelined', 'close', 'behind-nginx'];

export function readOptions(argv: readonly string[]): BenchOptions {
  const { values } = parseArgs({ args: [...argv], options: declared, strict: true });
  const smoke = values.smoke ?? false;
  const serverNames = servers.map((row) => row.name);
  const scenarioNames = scenarios.map((row) => row.name);
  return {
    scenarios: names(values.scenario, scenarioNames, smoke ? smokeScenarios : scenarioNames),
    servers: names(
      values.servers,
      serverNames,
      serverNames.filter((name) => name !== 'loop-log'),
    ),
    goals: values.goals ?? false,
    rounds: whole('rounds', values.rounds, smoke ? 1 : 5, 1),
    seconds: whole('seconds', values.seconds, smoke ? 1 : 3, 1),
    warmup: whole('warmup', values.warmup, smoke ? 0 : 2, 0),
    node: values.node ?? process.execPath,
    serverCpu: cpu('server-cpu', values['server-cpu'], 0),
    loadCpu: cpu('load-cpu', values['load-cpu'], 1),
    out: values.out,
    smoke,
    requireAll: values['require-all'] ?? Boolean(process.env['CI']),
    help: values.help ?? false,
  };
}
