/**
 * Does the memory of a worker grow with the requests it answers? One process of each server, wrk in slices of a second,
 * a sample of the worker's RSS after each. Ends with 1 where a worker of this server is not flat.
 */
import { checkAnswers } from './check.js';
import { readArguments, runCommand, UsageError, whole } from './command-line.js';
import { ownCores } from './cpus.js';
import { judgeFlatness } from './flatness.js';
import { applyLoad, requireAnswers } from './load.js';
import { commitName, machineFacts } from './machine.js';
import { asTyped } from './paths.js';
import { withPayloads } from './payloads.js';
import { readTree } from './process-tree.js';
import { baseline } from './report.js';
import { readResults, writeResults, type Results, type RssSeries } from './results.js';
import { requireSameNode, withSeries } from './rss-results.js';
import { findScenario, type Scenario } from './scenarios.js';
import type { Server } from './server.js';
import { findServer } from './servers.js';
import { withServer, type RunningServer } from './with-server.js';

const usage = `npm run bench:rss -- [options]

  --servers NAME,...    default: loop,pool,node
  --scenario NAME       default: hello
  --millions N          requests of each, at least 2 (default 10)
  --node PATH           Node binary
  --out FILE            results of the same Node, which the series are added to`;

interface RssOptions {
  readonly servers: readonly string[];
  readonly scenario: Scenario;
  readonly requests: number;
  readonly node: string;
  readonly out: string | undefined;
}

/** The first million is compared with the last: of one million there is nothing to compare. */
const LEAST_MILLIONS = 2;

function readOptions(): RssOptions {
  const { values } = readArguments({
    options: {
      servers: { type: 'string', default: 'loop,pool,node' },
      scenario: { type: 'string', default: 'hello' },
      millions: { type: 'string' },
      node: { type: 'string', default: process.execPath },
      out: { type: 'string' },
    },
  });
  const scenario = findScenario(values.scenario);
  if (scenario === undefined) throw new UsageError(`no scenario is called ${values.scenario}`);
  return {
    servers: values.servers.split(','),
    scenario,
    requests: whole('millions', values.millions, 10, LEAST_MILLIONS) * 1e6,
    node: values.node,
    out: values.out === undefined ? undefined : asTyped(values.out),
  };
}

async function sampleUnderLoad(
  { running, port, scratch }: RunningServer,
  { scenario, requests: total }: RssOptions,
): Promise<RssSeries['samples']> {
  await checkAnswers(port, scenario);
  const load = { port, scratch, scenario, seconds: 1, cpu: ownCores().load };
  const sample = (requests: number): RssSeries['samples'][number] => ({
    requests,
    workerRssKilobytes: readTree(running.pid).workerRssKilobytes,
  });
  const samples = [sample(0)];
  for (let requests = 0; requests < total;) {
    requests += requireAnswers(await applyLoad(load)).requests;
    samples.push(sample(requests));
  }
  return samples;
}

async function series(server: Server, options: RssOptions, payloads: string): Promise<RssSeries> {
  const { scenario, node } = options;
  const samples = await withServer(server, { scenario, node, payloads }, ownCores().server, (one) =>
    sampleUnderLoad(one, options),
  );
  const date = new Date().toISOString();
  return { date, commit: commitName(), server: server.name, scenario: scenario.name, samples };
}

function report(one: RssSeries): void {
  const { firstMillion, lastMillion, growth, flat } = judgeFlatness(one);
  const megabytes = (kilobytes: number): string => (kilobytes / 1024).toFixed(1);
  console.log(
    `${one.server}, ${one.scenario}: first million ${megabytes(firstMillion)} MB, last million ` +
      `${megabytes(lastMillion)} MB, growth ${megabytes(growth)} MB: ${flat ? 'flat' : 'NOT FLAT'}`,
  );
  if (!flat && one.server !== baseline) process.exitCode = 1;
}

async function measureAll(options: RssOptions, payloads: string): Promise<RssSeries[]> {
  const all: RssSeries[] = [];
  for (const name of options.servers) {
    const server = findServer(name);
    const reason = server === undefined ? 'no such server' : server.missing(options.node);
    if (server === undefined || reason !== undefined) {
      console.log(`skipped: ${name}: ${reason}`);
      continue;
    }
    const one = await series(server, options, payloads);
    report(one);
    all.push(one);
  }
  return all;
}

/** Looked at before anything runs: the series take minutes. */
function resultsToAddTo({ out, node }: RssOptions): Results | undefined {
  if (out === undefined) return undefined;
  const results = readResults(out);
  requireSameNode(results, machineFacts(node).node);
  return results;
}

async function main(): Promise<void> {
  const options = readOptions();
  const results = resultsToAddTo(options);
  const all = await withPayloads((payloads) => measureAll(options, payloads));
  if (options.out !== undefined && results !== undefined)
    writeResults(options.out, withSeries(results, all));
}

await runCommand(usage, main);
