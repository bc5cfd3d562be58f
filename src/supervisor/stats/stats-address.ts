/** Where the statistics are to be had: an address as the option has it, bound. */
import { chmodSync, chownSync, existsSync, lstatSync, rmSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import type { UnixAccess } from '../../binding/native.js';
import { parseAddress } from '../../config/address.js';
import { ListenError } from '../../errors.js';

export type Place =
  | { readonly host: string; readonly port: number }
  | { readonly path: string; readonly file: string | undefined };

/** Throws ListenError for a text that is no address. */
export function placeOf(text: string): Place {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new ListenError(`--stats ${text} ${parsed.reason}`);
  const address = parsed.value;
  switch (address.kind) {
    case 'tcp':
      return { host: address.host === '' ? '0.0.0.0' : address.host, port: address.port };
    case 'unix':
      return address.abstractName
        ? { path: `\0${address.name}`, file: undefined }
        : { path: address.name, file: address.name };
    case 'fd':
      throw new ListenError(`--stats ${text}: name an address`);
  }
}

/** Throws ListenError, with the address as it was given in `text`; nothing is left then. */
export async function bindPlace(
  server: Server,
  place: Place,
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

export function removeFile(place: Place): void {
  if ('path' in place && place.file !== undefined) rmSync(place.file, { force: true });
}

function setAccess(place: Place, { mode, owner, group }: UnixAccess): void {
  if (!('path' in place) || place.file === undefined) return;
  chownSync(place.file, owner, group);
  if (mode >= 0) chmodSync(place.file, mode);
}

async function listen(server: Server, place: Place): Promise<void> {
  try {
    await listenOnce(server, place);
  } catch (error) {
    if (!('path' in place) || place.file === undefined || codeOf(error) !== 'EADDRINUSE')
      throw error;
    if (!(await isAbandoned(place.file))) throw error;
    rmSync(place.file, { force: true });
    await listenOnce(server, place);
  }
}

function listenOnce(server: Server, place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(place, () => {
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

function reasonOf(error: unknown, place: Place): string {
  // For a missing directory libuv says EACCES.
  const directory = 'path' in place && place.file !== undefined ? dirname(place.file) : '.';
  if (!existsSync(directory)) return `the directory ${directory} does not exist`;
  return error instanceof Error ? error.message : String(error);
}
