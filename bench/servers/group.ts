/**
 * `group.js JSON`: a server on a UNIX socket and nginx in front of it, as one process to start and to stop. It does nothing
 * while they run, so that its CPU time does not count.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { accepts } from '../accepts.js';

interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Group {
  readonly socket: string;
  readonly server: Program;
  readonly nginx: Program;
}

const children: ChildProcess[] = [];

function start({ file, args, env }: Program): void {
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: 'inherit' });
  child.once('exit', () => void stop());
  child.once('error', () => void stop());
  children.push(child);
}

/** Also where one of them ends by itself: the other alone would answer nothing. */
async function stop(): Promise<void> {
  const running = children.filter((child) => child.exitCode === null && child.signalCode === null);
  const ended = running.map((child) => once(child, 'exit'));
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(ended);
  process.exit();
}

process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());

const { socket, server, nginx } = JSON.parse(process.argv[2] ?? '') as Group;
start(server);
while (!(await accepts(socket))) await sleep(20);
start(nginx);
