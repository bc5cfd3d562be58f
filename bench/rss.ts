/**
 * npm run bench:rss -- [--servers loop,node] [--scenario hello] [--millions 10] [--node PATH] [--out FILE]
 *
 * Does the memory of a worker grow with the requests it answers? One process of each server, wrk in slices of a second,
 * a sample of the worker's RSS after each. With `--out`, the series are added to that results file.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkAnswers } from './check.js';
import { applyLoad } from './load.js';
import { makePayloadDirectory } from './payloads.js';
import { readTree } from './process-tree.js';
import { readResults, writeResults, type RssSeries } from './results.js';
import { judgeFlatness } from './flatness.js';
import { findScenario, type Scenario } from './scenarios.js';
import { freePort, ServerProcess } from './server-process.js';
import type { Server } from './server.js';
import { findServer } from './servers.js';

const { values: given } = parseArgs({
  options: {
    servers: { type: 'string', default: 'loop,pool,node' },
    scenario: { type: 'string', default: 'hello' },
    millions: { type: 'string', default: '10' },
    node: { type: 'string', default: process.execPath },
    out: { type: 'string' },
  },
});

interface Place {
  readonly port: number;
  readonly scratch: string;
  readonly scenario: Scenario;
}

async function sampleUnderLoad(
  pid: number,
  place: Place,
  total: number,
): Promise<RssSeries['samples']> {
  const samples = [{ requests: 0, workerRssKilobytes: readTree(pid).workerRssKilobytes }];
  for (let requests = 0; requests < total;) {
    const load = await applyLoad({ ...place, seconds: 1, cpu: 1 });
    if (load.requests === 0) throw new Error('no request was answered');
    requests += load.requests;
    samples.push({ requests, workerRssKilobytes: readTree(pid).workerRssKilobytes });
  }
  return samples;
}

async function series(server: Server, scenario: Scenario, payloads: string): Promise<RssSeries> {
  const scratch = mkdtempSync(join(tmpdir(), 'tsuwsgi-bench-'));
  const port = await freePort();
  const context = { scenario, port, node: given.node, payloads, scratch };
  const running = await ServerProcess.start(server, context, 0);
  try {
    await checkAnswers(port, scenario);
    const place = { port, scratch, scenario };
    const samples = await sampleUnderLoad(running.pid, place, Number(given.millions) * 1e6);
    return { server: server.name, scenario: scenario.name, samples };
  } finally {
    await running.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function report(one: RssSeries): void {
  const { firstMillion, lastMillion, growth, flat } = judgeFlatness(one);
  const megabytes = (kilobytes: number): string => (kilobytes / 1024).toFixed(1);
  console.log(
    `${one.server}, ${one.scenario}: first million ${megabytes(firstMillion)} MB, last million ` +
      `${megabytes(lastMillion)} MB, growth ${megabytes(growth)} MB: ${flat ? 'flat' : 'NOT FLAT'}`,
  );
}

function save(all: readonly RssSeries[]): void {
  if (given.out === undefined) return;
  const file = resolve(process.env['INIT_CWD'] ?? '', given.out);
  if (!existsSync(file)) throw new Error(`${file} does not exist: run the benchmark first`);
  const results = readResults(file);
  writeResults(file, { ...results, rss: all });
}

async function main(): Promise<void> {
  const scenario = findScenario(given.scenario);
  if (scenario === undefined) throw new Error(`no scenario is called ${given.scenario}`);
  const payloads = makePayloadDirectory();
  const all: RssSeries[] = [];
  for (const name of given.servers.split(',')) {
    const server = findServer(name);
    const reason = server === undefined ? 'no such server' : server.missing(given.node);
    if (server === undefined || reason !== undefined) {
      console.log(`skipped: ${name}: ${reason}`);
      continue;
    }
    const one = await series(server, scenario, payloads);
    report(one);
    all.push(one);
  }
  rmSync(payloads, { recursive: true });
  save(all);
}

await main();
