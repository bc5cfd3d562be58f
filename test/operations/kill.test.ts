import assert from 'node:assert/strict';
import { KeptLoad } from '../helpers/kept-load.js';
import { startServer } from '../helpers/server.js';
import { askPastStopped } from '../helpers/stopped-worker.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { waitUntil } from '../helpers/wait-until.js';

const KILLS = 20;
const GET = 'GET /pid HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n';

describe('SIGKILL of a worker under load', () => {
  it(`${KILLS} times: what waits in a queue is answered, and connections of other workers go on`, async function () {
    this.timeout(120_000);
    const args = ['--processes', '3', '--respawn-delay', '0', '--wsgi-file', pathsApp().path];
    const server = await startServer(args);
    const pids = new Map<number, number>();
    const load = new KeptLoad({
      target: server.port,
      connections: 12,
      rate: 60,
      path: '/echo',
      numbered: true,
      onAnswer: (text, connection) => void pids.set(connection, Number.parseInt(text, 10)),
    });
    await load.answered(100);
    let victims = 0;
    for (let count = 0; count < KILLS; count += 1) {
      const [victim] = server.workers();
      assert.ok(victim);
      const mine = [...pids.values()].filter((pid) => pid === victim.pid).length;
      const clients = await askPastStopped(server, victim.pid, 1, GET);
      const from = server.log.lines.length;
      process.kill(victim.pid, 'SIGKILL');
      const answers = await Promise.all(clients.map((client) => client.readResponse()));
      assert.ok(answers.every(({ status }) => status === 200));
      for (const client of clients) client.close();
      victims += mine;
      await server.log.waitFor(/worker \d \(pid: \d+\) is ready/, 30_000, from);
      await waitUntil('all workers', () => server.workers().length === 3);
      await load.answered(20);
    }
    await load.stop();
    // A connection dies with its process; every other one lives, and every request outside of the dead one is answered.
    assert.deepEqual(load.wrong, []);
    assert.ok(load.closes.length <= victims + KILLS, `${load.closes.length} of ${victims} closed`);
    assert.ok(load.errors.length <= load.closes.length, load.complaints().join('; '));
    assert.equal(server.log.matching(/worker \d \(pid: \d+\) died: /).length, KILLS);
  });
});
