/** Masters that come one after the other by upgrades: only the first one is the test's own child. */
import { onCleanup } from './cleanup.js';
import { isAlive } from './processes.js';
import type { Server } from './server.js';
import { waitUntil } from './wait-until.js';

/** Upgrades the server whose master has this pid (the first one's without it); returns the pid of the new master. */
export async function upgradedPid(server: Server, master = server.pid): Promise<number> {
  const from = server.log.lines.length;
  process.kill(master, 'SIGUSR2');
  const found = await server.log.waitFor(/the new master \(pid: (\d+)\) is ready/, 30_000, from);
  const heir = Number(found[1]);
  onCleanup(async () => {
    if (isAlive(heir)) process.kill(heir, 'SIGTERM');
    await waitUntil(`master ${heir} to end`, () => !isAlive(heir));
  });
  return heir;
}
