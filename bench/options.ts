import { readArguments, UsageError, whole } from './command-line.js';
import { ownCores } from './cpus.js';
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
  --server-cpu N        core of the server (default: the first that may be used; -1: not pinned)
  --load-cpu N          core of wrk (default: the second that may be used; -1: not pinned)
  --out FILE            where the JSON goes (default: bench/build/latest-nodeNN.json)
  --smoke               a second of every server with every application: does it start and answer right?
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

function cpu(
  name: string,
  given: string | undefined,
  fallback: number | undefined,
): number | undefined {
  const value = whole(name, given, fallback ?? -1, -1);
  return value < 0 ? undefined : value;
}

/** Short and wide rather than exact: every application of every server, and each kind of request. */
const smokeScenarios = [
  ...['hello', 'varied', 'json', 'echo', 'large', 'file', 'delay'],
  ...['pipelined', 'close', 'behind-nginx'],
];

export function readOptions(argv: readonly string[]): BenchOptions {
  const { values } = readArguments({ args: [...argv], options: declared });
  const smoke = values.smoke ?? false;
  const cores = ownCores();
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
    serverCpu: cpu('server-cpu', values['server-cpu'], cores.server),
    loadCpu: cpu('load-cpu', values['load-cpu'], cores.load),
    out: values.out,
    smoke,
    requireAll: values['require-all'] ?? Boolean(process.env['CI']),
    help: values.help ?? false,
  };
}
