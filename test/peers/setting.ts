/** A peer with this server behind it: started once for all scenarios of the pair. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFiles } from '../helpers/processes.js';
import { startServer, testApp, type Server } from '../helpers/server.js';
import { waitUntil } from '../helpers/wait-until.js';
import type { Peer } from './peers.js';
import { freePort, sharedDirectory, type Target, targetText, type Transport } from './place.js';

export const WORKERS = 2;

export interface Setting {
  readonly peer: Peer;
  /** Of the peer, on 127.0.0.1. */
  readonly port: number;
  readonly server: Server;
  readonly notes: Notes;
}

/** Which worker began a request. */
export interface Beginning {
  readonly id: string;
  readonly pid: number;
}

/** What the application left for the test (test/apps/peer.ts). */
export class Notes {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  begun(): Beginning[] {
    const text = this.#read('begun') ?? '';
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [id = '', pid = ''] = line.split(' ');
        return { id, pid: Number(pid) };
      });
  }

  async waitForBegun(count: number, prefix: string): Promise<Beginning[]> {
    return waitUntil(`${count} requests ${prefix}… to begin`, () => {
      const begun = this.begun().filter(({ id }) => id.startsWith(prefix));
      return begun.length >= count ? begun : undefined;
    });
  }

  /** The reason that the request's signal gave. */
  async waitForAbort(id: string): Promise<string> {
    // Written in two steps: there, and filled.
    return waitUntil(`the signal of ${id}`, () => this.#read(`aborted-${id}`) || undefined);
  }

  /** Lets every request go on that is held. */
  release(): void {
    writeFileSync(join(this.#directory, 'released'), '');
  }

  clear(): void {
    for (const name of ['begun', 'released']) rmSync(join(this.#directory, name), { force: true });
  }

  #read(name: string): string | undefined {
    const path = join(this.#directory, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  }
}

async function chooseTarget(transport: Transport, directory: string): Promise<Target> {
  return transport === 'tcp'
    ? { kind: 'tcp', host: '127.0.0.1', port: await freePort() }
    : { kind: 'unix', path: join(directory, 'server.sock') };
}

export interface Started {
  readonly setting: Setting;
  stop(): Promise<void>;
}

/** What is behind a peer: an application like test/apps/peer.ts in two workers, on a socket. */
export interface Behind {
  readonly peer: Peer;
  readonly target: Target;
  /** Where the application leaves its notes. */
  readonly notes: string;
  readonly options: readonly string[];
}

/** This server; it ends with the setting. */
function startOwn({ peer, target, notes, options }: Behind): Promise<Server> {
  const socket = peer.protocol === 'http' ? '--http-socket' : '--socket';
  return startServer(
    [
      ...[socket, targetText(target), '--wsgi-file', testApp('peer.ts')],
      ...['--master', '--processes', String(WORKERS)],
      ...(target.kind === 'unix' ? ['--chmod-socket=666'] : []),
      ...options,
    ],
    { env: { PEER_DIRECTORY: notes } },
  );
}

export async function startPair(
  peer: Peer,
  transport: Transport,
  options: readonly string[] = [],
  startBehind: (behind: Behind) => Promise<Server> = startOwn,
): Promise<Started> {
  const directory = sharedDirectory();
  const notes = join(directory, 'notes');
  mkdirSync(notes);
  const target = await chooseTarget(transport, directory);
  const server = await startBehind({ peer, target, notes, options });
  const port = await freePort();
  const fronts = await peer.start({ directory, port, target });
  const setting = { peer, port, server, notes: new Notes(notes) };
  return {
    setting,
    stop: async () => {
      setting.notes.release();
      for (const running of [...fronts, server]) await running.stop();
    },
  };
}

/** Sockets, and files that have no name any more, of all workers. */
export function openInWorkers(server: Server): number {
  const targets = server.workers().flatMap(({ pid }) => [...openFiles(pid).values()]);
  return targets.filter((text) => text.startsWith('socket:') || text.includes('(deleted)')).length;
}
