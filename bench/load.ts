import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { benchRoot } from './paths.js';
import { findProgram, programVersion } from './programs.js';
import type { Scenario } from './scenarios.js';
import { pinned } from './server-process.js';

/** What wrk counted in one run. Latencies in microseconds. */
export interface LoadResult {
  readonly requests: number;
  readonly microseconds: number;
  readonly bytes: number;
  readonly p50: number;
  readonly p99: number;
  readonly errors: Readonly<Record<'connect' | 'read' | 'write' | 'status' | 'timeout', number>>;
}

export interface LoadTarget {
  readonly port: number;
  readonly scenario: Scenario;
  readonly seconds: number;
  /** Where the request's text is left for wrk. */
  readonly scratch: string;
  readonly cpu: number | undefined;
}

const run = promisify(execFile);

export function wrkVersion(): string | undefined {
  const wrk = findProgram('wrk');
  return wrk === undefined ? undefined : programVersion(wrk, ['--version'], /wrk (\S+)/);
}

/** What wrk counted as failed, of all kinds. */
export function errorCount({ errors }: LoadResult): number {
  return Object.values(errors).reduce((total, count) => total + count, 0);
}

/** For loads that are not measured themselves: what is looked at under them says nothing where clients were let down. */
export function requireAnswers(load: LoadResult): LoadResult {
  if (load.requests === 0) throw new Error('no request was answered under load');
  if (errorCount(load) > 0) throw new Error(`wrk counted errors: ${JSON.stringify(load.errors)}`);
  return load;
}

/** Requests that one run may number before it repeats those of the next one. */
const numbersOfARun = 2 ** 32;
let runs = 0;

/** Runs wrk for `seconds`: one thread, closed loop, the scenario's exact bytes on all its connections. */
export async function applyLoad(target: LoadTarget): Promise<LoadResult> {
  const { scenario, scratch } = target;
  const requestFile = join(scratch, 'request');
  writeFileSync(requestFile, scenario.request, 'latin1');
  const [file, args] = pinned(target.cpu, findProgram('wrk') ?? 'wrk', [
    ...['--threads', '1', '--connections', String(scenario.connections)],
    ...['--duration', `${target.seconds}s`, '--timeout', '10s'],
    ...['--script', join(benchRoot, 'wrk', 'requests.lua'), `http://127.0.0.1:${target.port}/`],
  ]);
  const env = {
    ...process.env,
    BENCH_REQUEST: requestFile,
    BENCH_DEPTH: String(scenario.depth),
    BENCH_SEQUENCE: String(++runs * numbersOfARun),
  };
  const { stdout } = await run(file, args, { env });
  const line = stdout.split('\n').findLast((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`wrk printed no result:\n${stdout}`);
  return JSON.parse(line) as LoadResult;
}
