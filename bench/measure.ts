import { checkAnswers } from './check.js';
import { applyLoad, errorCount } from './load.js';
import { readTree } from './process-tree.js';
import type { Measurement } from './results.js';
import type { Scenario } from './scenarios.js';
import type { Server } from './server.js';
import { withServer, type RunningServer } from './with-server.js';

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
  const given = { scenario, node, payloads };
  try {
    return await withServer(server, given, method.serverCpu, (one) => observe(one, pair, method));
  } catch (error) {
    throw new Error(`${server.name}, ${scenario.name}: ${String(error)}`);
  }
}

async function observe(one: RunningServer, pair: Pair, method: Method): Promise<Measurement> {
  try {
    await checkAnswers(one.port, pair.scenario);
    return await underLoad(one, pair, method);
  } catch (error) {
    throw new Error(`${String(error)}\n${one.running.output()}`);
  }
}

/** Errors of the warm-up count: a server that lets clients down has not measured up, whenever it does. */
async function underLoad(
  { running, port, scratch }: RunningServer,
  pair: Pair,
  method: Method,
): Promise<Measurement> {
  const target = { port, scratch, scenario: pair.scenario, cpu: method.loadCpu };
  const warmup =
    method.warmupSeconds > 0
      ? errorCount(await applyLoad({ ...target, seconds: method.warmupSeconds }))
      : 0;
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
    errors: warmup + errorCount(load),
  };
}
