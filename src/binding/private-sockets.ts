/**
 * Sockets between this server's routers and its workers: one UNIX socket for each I/O loop of each worker, so that a
 * router can choose which worker gets a request.
 *
 * They have no name while they are used. Each is bound in a directory that only this user can enter, a descriptor of its
 * file is opened, and file and directory are removed. Linux lets a process connect through such a descriptor
 * (`/proc/self/fd/N`), and only a process that inherited it can: no other user of the machine can pass for a router,
 * and nothing is left in the file system, however the server ends.
 */
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListenError } from '../errors.js';
import type { BoundQueue, BoundQueues } from './bound-queues.js';
import { PRIVATE_HOST } from './kept-sockets.js';
import type { NativeAddon } from './native.js';

/** open(2): a descriptor that names the file and cannot read or write it; fs.constants does not have it. */
const O_PATH = 0o10_000_000;

/** Whoever holds a descriptor may connect, also after the privileges are dropped. */
const ANYBODY = { mode: 0o666, owner: -1, group: -1 } as const;

export interface PrivateSocketsOptions {
  readonly slots: number;
  readonly loopsPerSlot: number;
  /** `--listen`: length of each accept queue. */
  readonly backlog: number;
}

/** What a router needs to connect to one of the queues. */
export interface PrivateEndpoint {
  readonly fd: number;
  readonly slot: number;
  readonly loop: number;
}

export interface PrivateSockets {
  /** The queues of `bound` and the private ones, with one listener more. Owns both. */
  readonly queues: BoundQueues;
  readonly endpoints: readonly PrivateEndpoint[];
}

type Addon = Pick<NativeAddon, 'bindUnixListener' | 'closeListener'>;

/** Adds private sockets to the queues that were bound. Throws a ListenError; nothing of them is left then. */
export function addPrivateSockets(
  bound: BoundQueues,
  options: PrivateSocketsOptions,
  addon: Addon,
): PrivateSockets {
  try {
    return makePrivateSockets(bound, options, addon);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ListenError(
      `sockets between router and workers cannot be made in ${tmpdir()}: ${reason}; set TMPDIR to another directory`,
      { cause },
    );
  }
}

function makePrivateSockets(
  bound: BoundQueues,
  options: PrivateSocketsOptions,
  addon: Addon,
): PrivateSockets {
  const directory = mkdtempSync(join(tmpdir(), 'tsuwsgi-private-'));
  const queues: BoundQueue[] = [];
  const endpoints: PrivateEndpoint[] = [];
  const close = (): void => {
    for (const { fd } of queues.splice(0)) addon.closeListener(fd);
    for (const { fd } of endpoints.splice(0)) closeSync(fd);
  };
  try {
    for (let slot = 0; slot < options.slots; slot += 1) {
      for (let loop = 0; loop < options.loopsPerSlot; loop += 1) {
        const name = join(directory, `${slot}-${loop}`);
        const { backlog } = options;
        const { fd } = addon.bindUnixListener({ name, abstractName: false, backlog, ...ANYBODY });
        queues.push({ fd, slot, loop, listener: bound.listeners.length, protocol: 'uwsgi' });
        endpoints.push({ fd: openSync(name, O_PATH), slot, loop });
      }
    }
  } catch (error) {
    close();
    throw error;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return { queues: joined(bound, [...queues], close), endpoints: [...endpoints] };
}

function joined(bound: BoundQueues, queues: readonly BoundQueue[], close: () => void): BoundQueues {
  return {
    queues: [...bound.queues, ...queues],
    listeners: [
      ...bound.listeners,
      {
        family: 'unix',
        protocol: 'uwsgi',
        host: PRIVATE_HOST,
        port: 0,
        text: 'private',
        autoPort: false,
        inherited: false,
      },
    ],
    removeFiles: () => bound.removeFiles(),
    leaveFiles: () => bound.leaveFiles(),
    claimFiles: () => bound.claimFiles(),
    close: () => {
      bound.close();
      close();
    },
  };
}
