/** Where a peer runs: a directory of its own, a free port, and the server it talks to. */
import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { tempDir } from '../helpers/temp-dir.js';

/** The socket of the server behind a peer. */
export type Target =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export interface Place {
  /** Removed when the run is over. Others than its owner may read it: peers give up root. */
  readonly directory: string;
  /** Free a moment ago; of 127.0.0.1. */
  readonly port: number;
  readonly target: Target;
}

export type Transport = Target['kind'];

/** A front server that root starts serves as this user of every Debian. */
export const FRONT_USER = 'www-data';

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** A temporary directory that other users may enter. */
export function sharedDirectory(): string {
  const directory = tempDir('tsuwsgi-peer-');
  chmodSync(directory, 0o755);
  return directory;
}

/** As `--socket` and uWSGI's options write it. */
export function targetText(target: Target): string {
  return target.kind === 'tcp' ? `${target.host}:${target.port}` : target.path;
}

/**
 * Below the range from which the kernel takes ports for outgoing connections: what is free now is not taken by a
 * client before the program that will listen there has started.
 */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) return port;
  }
}

/** Different ones. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
