import { backlogsOf, isStopped } from './processes.js';
import { RawSocket } from './raw-socket.js';
import type { Server } from './server.js';
import { waitUntil } from './wait-until.js';

/** As many that none of them getting into a stopped worker's queue does not happen. */
const CLIENTS = 60;

/**
 * Stops a worker with this many queues and lets clients ask. Resolves when all of them are answered by others but those
 * that wait in its queues, of which there is at least one.
 */
export async function askPastStopped(
  server: Server,
  victim: number,
  queues: number,
  request: string,
): Promise<RawSocket[]> {
  process.kill(victim, 'SIGSTOP');
  await waitUntil('all its threads to stop', () => isStopped(victim));
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => RawSocket.connect(server.port)),
  );
  await Promise.all(clients.map((client) => client.send(request)));
  await waitUntil('clients to wait for the stopped worker alone', () => {
    const answered = clients.filter(({ unread }) => unread.length > 0).length;
    const backlogs = backlogsOf(server.port).filter((waiting) => waiting > 0);
    const waiting = backlogs.reduce((sum, count) => sum + count, 0);
    return waiting > 0 && backlogs.length <= queues && answered + waiting === CLIENTS;
  });
  return clients;
}
