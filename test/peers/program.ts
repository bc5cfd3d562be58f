/** Starts a server program of somebody else in the foreground and knows when it accepts connections. */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { inTest, onCleanup } from '../helpers/cleanup.js';
import { findProgram } from '../helpers/programs.js';
import { Server } from '../helpers/server.js';
import { waitUntil } from '../helpers/wait-until.js';
import type { Target } from './place.js';

const START_LIMIT_MS = 15_000;

export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** It is ready when it accepts connections there. */
  readonly ready: Target;
}

/** `name`: on the PATH, or a path. Ends with the test that starts it; from a before hook it lives until somebody stops it. */
export async function startProgram(
  name: string,
  args: readonly string[],
  { cwd, env = {}, ready }: ProgramOptions,
): Promise<Server> {
  const path = name.startsWith('/') ? name : findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  const child = spawn(path, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const server = new Server(child);
  if (inTest()) {
    onCleanup(async () => {
      await server.stop();
    });
  }
  await waitUntil(
    `${name} to accept connections`,
    () => acceptsOrEnded(server, ready),
    START_LIMIT_MS,
  );
  if (!server.running) throw new Error(`${name} ended at once:\n${server.log.text}`);
  return server;
}

async function acceptsOrEnded(server: Server, address: Target): Promise<boolean> {
  return !server.running || (await accepts(address));
}

export function accepts(address: Target): Promise<boolean> {
  return new Promise((resolve) => {
    const socket =
      address.kind === 'tcp' ? connect(address.port, address.host) : connect(address.path);
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => undefined);
    socket.once('close', (failed) => resolve(!failed));
  });
}
