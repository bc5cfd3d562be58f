/**
 * Does the master's memory grow with the workers it replaces? A master, four workers of few requests each, wrk in
 * slices of a second, and the master's RSS at every tenth of the way. Ends with 1 where it is not flat.
 */
import { checkAnswers } from './check.js';
import { readArguments, runCommand, whole } from './command-line.js';
import { judgeMaster, type RecycleSample } from './flatness.js';
import { applyLoad, requireAnswers } from './load.js';
import { ownServer } from './node-servers.js';
import { withPayloads } from './payloads.js';
import { readTree } from './process-tree.js';
import { findScenario, type Scenario } from './scenarios.js';
import type { ServerProcess } from './server-process.js';
import { withServer, type RunningServer } from './with-server.js';

const TENTHS = 10;
/** Slices of a second without a recycle after which none will come. */
const PATIENCE = 60;

const usage = `npm run bench:recycles -- [options]

  --recycles N          at least ${TENTHS} (default 1000)
  --node PATH           Node binary`;

interface RecycleOptions {
  readonly total: number;
  readonly node: string;
}

const master = ownServer('recycles', 'a master that recycles', [
  ...['--master', '--processes', '4', '--disable-logging'],
  ...['--max-requests', '2000', '--recycle-concurrency', '2', '--min-worker-lifetime', '0'],
]);

function readOptions(): RecycleOptions {
  const { values } = readArguments({
    options: {
      recycles: { type: 'string' },
      node: { type: 'string', default: process.execPath },
    },
  });
  return { total: whole('recycles', values.recycles, 1000, TENTHS), node: values.node };
}

/** Each worker that was replaced has one such line. */
function recycled(server: ServerProcess): number {
  return server.output().split(' is gone, its successor serves').length - 1;
}

async function follow(
  { running, port, scratch }: RunningServer,
  scenario: Scenario,
  total: number,
) {
  let before = 0;
  let quiet = 0;
  const samples: RecycleSample[] = [];
  const load = { scenario, port, scratch, seconds: 1, cpu: undefined };
  await checkAnswers(port, scenario);
  while (samples.length <= TENTHS) {
    requireAnswers(await applyLoad(load));
    const recycles = recycled(running);
    quiet = recycles > before ? 0 : quiet + 1;
    before = recycles;
    if (quiet >= PATIENCE) throw new Error(`no worker was replaced in ${quiet} s`);
    if (recycles < (samples.length * total) / TENTHS) continue;
    const kilobytes = readTree(running.pid).rootRssKilobytes;
    samples.push({ recycles, kilobytes });
    console.log(`${recycles} recycles: master ${(kilobytes / 1024).toFixed(1)} MB`);
  }
  return samples;
}

async function main(): Promise<void> {
  const { total, node } = readOptions();
  const scenario = findScenario('hello');
  if (scenario === undefined) throw new Error('there is no scenario hello');
  const samples = await withPayloads((payloads) =>
    withServer(master, { scenario, node, payloads }, undefined, (one) =>
      follow(one, scenario, total),
    ),
  );
  const { growth, flat } = judgeMaster(samples);
  console.log(`growth ${(growth / 1024).toFixed(1)} MB: ${flat ? 'flat' : 'NOT FLAT'}`);
  if (!flat) process.exitCode = 1;
}

await runCommand(usage, main);
