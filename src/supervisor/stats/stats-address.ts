/** Where the statistics are to be had, bound. */
import { existsSync } from 'node:fs';
import type { ListenOptions, Server } from 'node:net';
import { dirname } from 'node:path';
import type { UnixAccess } from '../../binding/native.js';
import { listenUnix } from '../../binding/unix-streams.js';
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
    await listen(server, place, access);
  } catch (error) {
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

async function listen(server: Server, place: StatsPlace, access: UnixAccess): Promise<void> {
  if ('abstractName' in place) await listenUnix(server, place.abstractName, 'abstract');
  else if ('file' in place) await listenUnix(server, place.file, access);
  else await listenOnce(server, place);
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

function reasonOf(error: unknown, place: StatsPlace): string {
  const directory = 'file' in place ? dirname(place.file) : '.';
  if (!existsSync(directory)) return `the directory ${directory} does not exist`;
  if (error instanceof Error && 'code' in error && error.code === 'ENOTSOCK')
    return 'there is a file that is no socket';
  return error instanceof Error ? error.message : String(error);
}
