import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accepts } from './accepts.js';
import { treePids } from './process-tree.js';
import { findProgram } from './programs.js';
import type { Server, StartContext } from './server.js';

const bootLimitMs = 20_000;
const stopLimitMs = 5_000;

/** `taskset -c CPU command`, where the machine has taskset and a CPU was chosen. */
export function pinned(
  cpu: number | undefined,
  file: string,
  args: readonly string[],
): [string, string[]] {
  const taskset = findProgram('taskset');
  if (cpu === undefined || taskset === undefined) return [file, [...args]];
  return [taskset, ['-c', String(cpu), file, ...args]];
}

/** A port that was free a moment ago: half of these servers cannot be asked which one the kernel gave them. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** For a server that ignores SIGTERM: the processes that were its own when it was asked. */
function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone already, as asked.
    }
  }
}

/** Servers that still run, with what ends them when the harness itself is ended in the middle of a measurement. */
const running = new Set<ServerProcess>();

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => process.exit(code));
}
process.once('exit', () => {
  for (const server of running) killAll(treePids(server.pid));
});

/** A running server and everything it started; the process that `taskset` became is the root of its tree. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #log: string;

  private constructor(child: ChildProcess, log: string) {
    this.#child = child;
    this.#log = log;
  }

  /** Resolves when the port accepts connections. */
  static async start(
    row: Server,
    context: StartContext,
    cpu: number | undefined,
  ): Promise<ServerProcess> {
    const { file, args, env } = row.command(context);
    const log = join(context.scratch, 'server.log');
    const output = openSync(log, 'w');
    const [program, programArgs] = pinned(cpu, file, args);
    const child = spawn(program, programArgs, {
      cwd: context.scratch,
      env: { ...process.env, NODE_ENV: 'production', BENCH_PAYLOADS: context.payloads, ...env },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    // Fails with the reason where there is no such program.
    await once(child, 'spawn');
    const server = new ServerProcess(child, log);
    running.add(server);
    await server.#accepting(context.port);
    return server;
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the server was not started');
    return pid;
  }

  /** What it printed so far. */
  output(): string {
    return readFileSync(this.#log, 'utf8');
  }

  async stop(): Promise<void> {
    running.delete(this);
    if (this.#ended()) return;
    const exited = once(this.#child, 'exit');
    const tree = treePids(this.pid);
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => killAll(tree), stopLimitMs);
    await exited;
    clearTimeout(late);
  }

  #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async #accepting(port: number): Promise<void> {
    const deadline = Date.now() + bootLimitMs;
    while (!(await accepts(port))) {
      if (this.#ended() || Date.now() > deadline) {
        await this.stop();
        throw new Error(`did not start; it printed:\n${this.output()}`);
      }
      await sleep(20);
    }
  }
}
