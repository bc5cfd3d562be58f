/** How many connections wait in the accept queues of listening TCP sockets. Only what Linux's /proc says. */
import { readFileSync } from 'node:fs';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const LISTENING = '0A';

/** The longest queue of each port. UNIX sockets are not told of. */
export function listenQueues(): ReadonlyMap<number, number> {
  const queues = new Map<number, number>();
  for (const table of TABLES) readTable(table, queues);
  return queues;
}

function readTable(table: string, queues: Map<number, number>): void {
  let text: string;
  try {
    text = readFileSync(table, 'latin1');
  } catch {
    return;
  }
  for (const { port, waiting } of parseListeners(text))
    queues.set(port, Math.max(queues.get(port) ?? 0, waiting));
}

/** Lines of the form `sl local_address rem_address st tx_queue:rx_queue …`, numbers in hexadecimal. */
export function parseListeners(
  text: string,
): { readonly port: number; readonly waiting: number }[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === LISTENING)
    .map(([, local = '', , , queues = '']) => ({
      port: Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16),
      waiting: Number.parseInt(queues.slice(queues.indexOf(':') + 1), 16),
    }));
}
