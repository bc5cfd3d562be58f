/** What every reload, upgrade and recycle has to stand: a load over kept connections that loses nothing. */
import assert from 'node:assert/strict';
import { KeptLoad } from '../helpers/kept-load.js';
import { upgradedPid } from '../helpers/masters.js';
import { isAlive } from '../helpers/processes.js';
import type { Server } from '../helpers/server.js';
import { waitUntil } from '../helpers/wait-until.js';

/** Begins the load on a port of a server with `pathsApp()`. */
export async function startLoad(port: number): Promise<KeptLoad> {
  const load = new KeptLoad({
    target: port,
    connections: 32,
    rate: 100,
    path: '/echo',
    numbered: true,
  });
  await load.answered(100);
  return load;
}

/** Of one kind of clients, or of several. */
type Load = Pick<KeptLoad, 'answered' | 'stop' | 'complaints'>;

export async function requireNothingLost(load: Load): Promise<void> {
  await load.answered(50);
  await load.stop();
  assert.deepEqual(load.complaints(), []);
}

/** Upgrades the server this many times, one upgrade after the other. */
export async function upgradeTimes(server: Server, times: number): Promise<void> {
  let master = server.pid;
  for (let count = 0; count < times; count += 1) {
    const old = master;
    master = await upgradedPid(server, old);
    await waitUntil(`master ${old} to end`, () => !isAlive(old), 30_000);
  }
}
