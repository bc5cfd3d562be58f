/** Where the statistics are to be had, bound. */
import { chmodSync, chownSync, existsSync, lstatSync, rmSync } from 'node:fs';
import { connect, type ListenOptions, type Server } from 'node:net';
import { dirname } from 'node:path';
import type { UnixAccess } from '../../binding/native.js';
import { listenAbstract } from '../../binding/unix-streams.js';
import type { StatsPlace } from '../../config/stats-place.js';
import { ListenError } from '../../errors.js';

/** Throws ListenError, with the address as it was given in `text`; nothing is left then. */
export async function bindPlace(
  server: Server,
  place: StatsPlace,
  access: UnixAccess,
  text: string,
): Promise<void> {
  try {
    await listen(server, place);
    setAccess(place, access);
  } catch (error) {
    // The file goes with it.
    server.close();
    throw new ListenError(`--stats ${text}: ${reasonOf(error, place)}`, { cause: error });
  }
}

/** The address as it was bound; `text` where that says it. */
export function boundAddress(server: Server, text: string): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return text;
  const { address: host, port } = address;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function removeFile(place: StatsPlace): void {
  if ('file' in place) rmSync(place.file, { force: true });
}

function setAccess(place: StatsPlace, { mode, owner, group }: UnixAccess): void {
  if (!('file' in place)) return;
  chownSync(place.file, owner, group);
  if (mode >= 0) chmodSync(place.file, mode);
}

async function listen(server: Server, place: StatsPlace): Promise<void> {
  if ('abstractName' in place) await listenAbstract(server, place.abstractName);
  else if ('file' in place) await listenOnFile(server, place.file);
  else await listenOnce(server, place);
}

async function listenOnFile(server: Server, path: string): Promise<void> {
  try {
    await listenOnce(server, { path });
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' || !(await isAbandoned(path))) throw error;
    rmSync(path, { force: true });
    await listenOnce(server, { path });
  }
}

function listenOnce(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/**
 * Whether the file is a socket on which nobody listens any more. Only a refused connection says so: a full queue and a
 * missing permission may both mean a server that lives. A file that is no socket is somebody's data; connecting to it is
 * refused as well.
 */
function isAbandoned(file: string): Promise<boolean> {
  if (lstatSync(file, { throwIfNoEntry: false })?.isSocket() !== true)
    return Promise.resolve(false);
  return new Promise((resolve) => {
    const probe = connect(file);
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error) => resolve(codeOf(error) === 'ECONNREFUSED'));
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function reasonOf(error: unknown, place: StatsPlace): string {
  // For a missing directory libuv says EACCES.
  const directory = 'file' in place ? dirname(place.file) : '.';
  if (!existsSync(directory)) return `the directory ${directory} does not exist`;
  return error instanceof Error ? error.message : String(error);
}
