/** What becomes of workers when their master is killed. */
import assert from 'node:assert/strict';
import { requestText } from '../helpers/get.js';
import { onCleanup } from '../helpers/cleanup.js';
import { isAlive } from '../helpers/processes.js';
import { RawSocket } from '../helpers/raw-socket.js';
import { startServer, type Server } from '../helpers/server.js';
import { brokenApp } from '../helpers/supervised-apps.js';
import { waitUntil } from '../helpers/wait-until.js';

/** Mercy, and what comes to it before the kernel ends a worker that is blocked. */
const END_LIMIT_MS = 8000;

/** `/block` never comes back; its pid is in the log. */
const BLOCKING = `
export function application(environ, startResponse) {
  if (environ.PATH_INFO === '/block') {
    process.stderr.write('blocked ' + process.pid + '\\n');
    for (;;);
  }
  startResponse('200 OK', []);
  return 'answered';
}
`;

async function killMaster(server: Server): Promise<void> {
  const pids = server.workers().map(({ pid }) => pid);
  onCleanup(() => {
    for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGKILL');
  });
  server.kill('SIGKILL');
  await waitUntil('all workers to end', () => !pids.some(isAlive), END_LIMIT_MS);
}

describe('workers whose master is killed', () => {
  for (const mode of [[], ['--threads', '2']]) {
    const name = mode.length === 0 ? 'loop mode' : 'pool mode';

    it(`end, also where JavaScript is blocked (${name})`, async () => {
      const workers = ['--master', '--processes', '2', '--worker-reload-mercy', '1', ...mode];
      const server = await startServer([...workers, '--wsgi-file', brokenApp(BLOCKING).path]);
      const socket = await RawSocket.connect(server.port);
      await socket.send(requestText('GET', '/block'));
      await server.log.waitFor(/^blocked \d+/);
      await killMaster(server);
      assert.equal(server.log.matching(/the master is gone/).length, 1);
      socket.close();
    });
  }
});
