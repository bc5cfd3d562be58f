import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from './command-line.js';
import { goalsText } from './goals-text.js';
import { wrkVersion } from './load.js';
import { commitName, machineFacts } from './machine.js';
import { measure, type Method } from './measure.js';
import { readOptions, usage, type BenchOptions } from './options.js';
import { asTyped, benchRoot } from './paths.js';
import { withPayloads } from './payloads.js';
import { makePlan, type Plan } from './plan.js';
import { number, textReport } from './report.js';
import {
  readResults,
  writeResults,
  type Measurement,
  type Omission,
  type Results,
} from './results.js';
import { findProgram } from './programs.js';

function pinning({ serverCpu, loadCpu }: BenchOptions): Pick<Method, 'serverCpu' | 'loadCpu'> {
  if (findProgram('taskset') !== undefined) return { serverCpu, loadCpu };
  console.error('taskset is not installed: server and load share all cores');
  return { serverCpu: undefined, loadCpu: undefined };
}

function progress(done: number, total: number, one: Measurement): void {
  const errors = one.errors > 0 ? `, ${one.errors} ERRORS` : '';
  console.error(
    `[${done}/${total}] ${one.scenario} ${one.server}: ${number(one.cpuMicrosecondsPerRequest)} µs CPU, ` +
      `${number(one.requestsPerSecond)} requests/s${errors}`,
  );
}

interface Outcome {
  readonly measurements: readonly Measurement[];
  readonly failures: readonly Omission[];
}

/** A pair that fails is reported at the end; the others are still worth their time. */
async function measureAll(
  plan: Plan,
  method: Method,
  node: string,
  payloads: string,
): Promise<Outcome> {
  const measurements: Measurement[] = [];
  const failures: Omission[] = [];
  for (const pair of plan.pairs) {
    try {
      const measurement = await measure(pair, method, node, payloads);
      measurements.push(measurement);
      progress(measurements.length, plan.pairs.length, measurement);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push({ name: `${pair.scenario.name} ${pair.server.name}`, reason });
      console.error(`failed: ${reason}`);
    }
  }
  return { measurements, failures };
}

function collectResults(
  options: BenchOptions,
  plan: Plan,
  method: Method,
  outcome: Outcome,
): Results {
  const versions = plan.servers.map((server) => [
    server.name,
    server.version(options.node) ?? 'unknown',
  ]);
  return {
    format: 1,
    date: new Date().toISOString(),
    commit: commitName(),
    machine: machineFacts(options.node),
    versions: Object.fromEntries(versions) as Record<string, string>,
    method: {
      rounds: options.rounds,
      seconds: options.seconds,
      warmupSeconds: options.warmup,
      serverCpu: method.serverCpu ?? null,
      loadCpu: method.loadCpu ?? null,
      load: `wrk ${wrkVersion()}, 1 thread`,
    },
    skipped: plan.skipped,
    failures: outcome.failures.map(({ name, reason }) => ({ name, reason: firstLine(reason) })),
    measurements: outcome.measurements,
    rss: [],
  };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function outputFile(options: BenchOptions, results: Results): string {
  const major = results.machine.node.split('.')[0] ?? '';
  if (options.out === undefined) return join(benchRoot, 'build', `latest-node${major}.json`);
  return asTyped(options.out);
}

/** What is reported is what the file says. */
function finish(options: BenchOptions, collected: Results): void {
  const file = outputFile(options, collected);
  mkdirSync(dirname(file), { recursive: true });
  writeResults(file, collected);
  const results = readResults(file);
  console.log(textReport(results));
  if (options.goals) console.log(`\n${goalsText(results)}`);
  for (const { name, reason } of results.failures) console.log(`failed: ${name}: ${reason}`);
  const withErrors = results.measurements.filter((measurement) => measurement.errors > 0);
  for (const { scenario, server, errors } of withErrors) {
    console.log(`errors: ${scenario} ${server}: wrk counted ${errors}`);
  }
  const broken =
    results.failures.length > 0 ||
    withErrors.length > 0 ||
    (options.requireAll && results.skipped.some(({ forbidden }) => forbidden !== true));
  const { length } = results.measurements;
  console.log(`\n${length} measurements${broken ? ', with failures' : ', all answers right'}`);
  if (broken || length === 0) process.exitCode = 1;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(usage);
    return;
  }
  if (wrkVersion() === undefined) {
    console.log('skipped: wrk is not installed, nothing can be measured');
    process.exitCode = options.requireAll ? 1 : 0;
    return;
  }
  const plan = makePlan(options);
  const method: Method = {
    seconds: options.seconds,
    warmupSeconds: options.warmup,
    ...pinning(options),
  };
  const outcome = await withPayloads((payloads) =>
    measureAll(plan, method, options.node, payloads),
  );
  finish(options, collectResults(options, plan, method, outcome));
}

await runCommand(usage, main);
