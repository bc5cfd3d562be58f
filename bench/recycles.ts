/**
 * npm run bench:recycles -- [--recycles 1000] [--node PATH]
 *
 * Does the master's memory grow with the workers it replaces? A master, four workers of few requests each, wrk in
 * slices of a second, and the master's RSS at every tenth of the way. Ends with 1 where it is not flat.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { judgeMaster, type RecycleSample } from './flatness.js';
import { applyLoad } from './load.js';
import { ownServer } from './node-servers.js';
import { makePayloadDirectory } from './payloads.js';
import { readTree } from './process-tree.js';
import { findScenario, type Scenario } from './scenarios.js';
import { freePort, ServerProcess } from './server-process.js';

const { values: given } = parseArgs({
  options: {
    recycles: { type: 'string', default: '1000' },
    node: { type: 'string', default: process.execPath },
  },
});

const TENTHS = 10;
/** Slices of a second without a recycle after which none will come. */
const PATIENCE = 60;
const total = recyclesAsked();

const master = ownServer('recycles', 'a master that recycles', [
  ...['--master', '--processes', '4', '--disable-logging'],
  ...['--max-requests', '2000', '--recycle-concurrency', '2', '--min-worker-lifetime', '0'],
]);

function recyclesAsked(): number {
  const total = Number(given.recycles);
  if (Number.isInteger(total) && total >= TENTHS) return total;
  throw new Error(`--recycles ${given.recycles} is not a whole number from ${TENTHS}`);
}

/** Each worker that was replaced has one such line. */
function recycled(server: ServerProcess): number {
  return server.output().split(' is gone, its successor serves').length - 1;
}

async function follow(server: ServerProcess, scenario: Scenario, port: number, scratch: string) {
  let before = 0;
  let quiet = 0;
  const samples: RecycleSample[] = [];
  const load = { scenario, port, scratch, seconds: 1, cpu: undefined };
  while (samples.length <= TENTHS) {
    if ((await applyLoad(load)).requests === 0) throw new Error('no request was answered');
    const recycles = recycled(server);
    quiet = recycles > before ? 0 : quiet + 1;
    before = recycles;
    if (quiet >= PATIENCE) throw new Error(`no worker was replaced in ${quiet} s`);
    if (recycles < (samples.length * total) / TENTHS) continue;
    const kilobytes = readTree(server.pid).rootRssKilobytes;
    samples.push({ recycles, kilobytes });
    console.log(`${recycles} recycles: master ${(kilobytes / 1024).toFixed(1)} MB`);
  }
  return samples;
}

async function main(): Promise<void> {
  const scenario = findScenario('hello');
  if (scenario === undefined) throw new Error('there is no scenario hello');
  const payloads = makePayloadDirectory();
  const scratch = mkdtempSync(join(tmpdir(), 'tsuwsgi-bench-'));
  const port = await freePort();
  const context = { scenario, port, node: given.node, payloads, scratch };
  const server = await ServerProcess.start(master, context, undefined);
  try {
    const { growth, flat } = judgeMaster(await follow(server, scenario, port, scratch));
    console.log(`growth ${(growth / 1024).toFixed(1)} MB: ${flat ? 'flat' : 'NOT FLAT'}`);
    if (!flat) process.exitCode = 1;
  } finally {
    await server.stop();
    rmSync(scratch, { recursive: true, force: true });
    rmSync(payloads, { recursive: true });
  }
}

await main();
