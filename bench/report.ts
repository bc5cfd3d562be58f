import { figure, ratio } from './compare.js';
import type { Metric, Results } from './results.js';
import { findScenario, scenarios } from './scenarios.js';
import { servers } from './servers.js';
import type { Spread } from './statistics.js';
import { plainTable } from './table.js';

/** The peer that every table has a column of ratios for. */
export const baseline = 'node';

/** Where nginx is in front, node:http has it in front as well. */
function baselineOf(scenario: string): string {
  return findScenario(scenario)?.behindNginx === true ? 'nginx-node' : baseline;
}

export function number(value: number): string {
  const size = Math.abs(value);
  if (size >= 10_000) return `${Math.round(value / 1000)}k`;
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

export function withRange(value: Spread | undefined): string {
  if (value === undefined) return '';
  const { median, low, high, rounds } = value;
  return rounds === 1 ? number(median) : `${number(median)} (${number(low)}–${number(high)})`;
}

function medianOf(value: Spread | undefined, divisor = 1): string {
  return value === undefined || value.median === 0 ? '' : number(value.median / divisor);
}

interface Column {
  readonly head: string;
  cell(results: Results, scenario: string, server: string): string;
}

function plain(head: string, metric: Metric, divisor?: number): Column {
  return {
    head,
    cell: (results, scenario, server) =>
      medianOf(figure(results, scenario, server, metric), divisor),
  };
}

function versusBaseline(head: string, metric: Metric): Column {
  return {
    head,
    cell: (results, scenario, server) =>
      withRange(ratio(results, { scenario, metric, server, versus: baselineOf(scenario) })),
  };
}

const cpu = 'cpuMicrosecondsPerRequest';

export const columns: readonly Column[] = [
  {
    head: 'CPU µs/request',
    cell: (results, scenario, server) => withRange(figure(results, scenario, server, cpu)),
  },
  versusBaseline('× node:http', cpu),
  plain('requests/s', 'requestsPerSecond'),
  versusBaseline('× node:http', 'requestsPerSecond'),
  plain('p50 µs', 'p50Microseconds'),
  plain('p99 µs', 'p99Microseconds'),
  plain('RSS MB', 'rssKilobytes', 1024),
  plain('worker MB', 'workerRssKilobytes', 1024),
];

export interface ScenarioTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Servers in the table's order, those that were not measured left out. */
function measured(results: Results, scenario: string): readonly { name: string; title: string }[] {
  return servers.filter((server) => figure(results, scenario, server.name, cpu) !== undefined);
}

export function scenarioTables(results: Results): ScenarioTable[] {
  return scenarios
    .map((scenario) => ({
      title: scenario.title,
      head: ['server', ...columns.map((column) => column.head)],
      rows: measured(results, scenario.name).map((server) => [
        server.title,
        ...columns.map((column) => column.cell(results, scenario.name, server.name)),
      ]),
    }))
    .filter((table) => table.rows.length > 0);
}

export function methodText({ method }: Results): string {
  return `${method.rounds} rounds of ${method.seconds} s after ${method.warmupSeconds} s of warm-up`;
}

export function factsLine(results: Results): string {
  const { machine, versions, method, commit, date } = results;
  const { cpu: model, cpus, kernel, node } = machine;
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${model}, ${cpus} CPUs, Linux ${kernel}; Node ${node}; ${peers.join(', ')}.`,
    `${methodText(results)}, ${method.load}; commit ${commit}, ${date.slice(0, 10)}.`,
  ].join('\n');
}

export function textReport(results: Results): string {
  const tables = scenarioTables(results).map(
    ({ title, head, rows }) => `\n${title}\n${plainTable(head, rows)}`,
  );
  const skipped = results.skipped.map(({ name, reason }) => `skipped: ${name}: ${reason}`);
  return [factsLine(results), ...tables, '', ...skipped].join('\n').trimEnd();
}
