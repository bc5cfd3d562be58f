import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkAnswers } from './check.js';
import { applyLoad, type LoadResult } from './load.js';
import { readTree } from './process-tree.js';
import type { Measurement } from './results.js';
import type { Scenario } from './scenarios.js';
import { freePort, ServerProcess } from './server-process.js';
import type { Server } from './server.js';

export interface Method {
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly serverCpu: number | undefined;
  readonly loadCpu: number | undefined;
}

export interface Pair {
  readonly server: Server;
  readonly scenario: Scenario;
  readonly round: number;
}

/** One fresh process of the server: start, check, warm up, measure, stop. */
export async function measure(
  pair: Pair,
  method: Method,
  node: string,
  payloads: string,
): Promise<Measurement> {
  const { server, scenario } = pair;
  const scratch = mkdtempSync(join(tmpdir(), 'tsuwsgi-bench-'));
  const port = await freePort();
  const context = { scenario, port, node, payloads, scratch };
  const running = await ServerProcess.start(server, context, method.serverCpu);
  try {
    await checkAnswers(port, scenario);
    return await underLoad(running, pair, method, { port, scratch });
  } catch (error) {
    throw new Error(`${server.name}, ${scenario.name}: ${String(error)}\n${running.output()}`);
  } finally {
    await running.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function underLoad(
  running: ServerProcess,
  pair: Pair,
  method: Method,
  place: { readonly port: number; readonly scratch: string },
): Promise<Measurement> {
  const target = { ...place, scenario: pair.scenario, cpu: method.loadCpu };
  if (method.warmupSeconds > 0) await applyLoad({ ...target, seconds: method.warmupSeconds });
  const before = readTree(running.pid);
  const load = await applyLoad({ ...target, seconds: method.seconds });
  const after = readTree(running.pid);
  if (load.requests === 0) throw new Error('no request was answered under load');
  const cpuMicroseconds = after.cpuMicroseconds - before.cpuMicroseconds;
  return {
    scenario: pair.scenario.name,
    server: pair.server.name,
    round: pair.round,
    requests: load.requests,
    requestsPerSecond: (load.requests * 1e6) / load.microseconds,
    cpuMicrosecondsPerRequest: cpuMicroseconds / load.requests,
    p50Microseconds: pair.scenario.depth > 1 ? 0 : load.p50,
    p99Microseconds: pair.scenario.depth > 1 ? 0 : load.p99,
    rssKilobytes: after.rssKilobytes,
    workerRssKilobytes: after.workerRssKilobytes,
    processes: after.processes,
    errors: errorCount(load),
  };
}

function errorCount(load: LoadResult): number {
  return Object.values(load.errors).reduce((total, count) => total + count, 0);
}
