import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeldDaemon } from '../helpers/held-daemon.js';
import { KeptLoad } from '../helpers/kept-load.js';
import { isAlive, processFacts } from '../helpers/processes.js';
import { requestOnce } from '../helpers/raw-socket.js';
import { upgradedPid } from '../helpers/masters.js';
import { startServer } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const GET = 'GET /pid HTTP/1.1\r\nHost: test\r\n\r\n';

describe('binary upgrade', () => {
  it('passes sockets, connections and pidfile on to a new master; the old one ends', async () => {
    const pidfile = join(tempDir(), 'server.pid');
    const server = await startServer([
      ...['--processes', '2', '--pidfile', pidfile, '--wsgi-file', pathsApp().path],
    ]);
    const load = new KeptLoad({ target: server.port, connections: 8, rate: 100, path: '/pid' });
    await load.answered(50);
    const workers = server.workers().map(({ pid }) => pid);
    const heir = await upgradedPid(server);
    await waitUntil('the old master to end', () => !isAlive(server.pid));
    assert.equal(Number(readFileSync(pidfile, 'utf8')), heir);
    await load.answered(50);
    await load.stop();
    assert.deepEqual(load.complaints(), []);
    assert.ok(!workers.some(isAlive));
    assert.equal((await requestOnce(server.port, GET)).status, 200);
  });

  it('goes on with the old master where the new one cannot start', async () => {
    const app = pathsApp();
    const server = await startServer(['--master', '--wsgi-file', app.path]);
    writeFileSync(app.path, 'throw new Error("this version is broken");');
    server.kill('SIGUSR2');
    await server.log.waitFor(/upgrade failed: the new master did not become ready/);
    assert.match(server.log.text, /this version is broken/);
    assert.equal((await requestOnce(server.port, GET)).status, 200);
    assert.equal((await server.stop()).code, 0);
  });

  it('goes on with the old master where the new one dies while daemons end', async () => {
    const daemon = new HeldDaemon();
    const server = await startServer([
      ...['--master', '--attach-daemon', daemon.command, '--wsgi-file', pathsApp().path],
    ]);
    const first = await daemon.started(1);
    const heir = await upgradedPid(server);
    process.kill(heir, 'SIGKILL');
    await waitUntil('the old master to know', () => processFacts(heir) === undefined);
    daemon.release(first);
    await server.log.waitFor(/upgrade failed: the new master did not take over: .*SIGKILL/);
    const second = await daemon.started(2);
    assert.equal((await requestOnce(server.port, GET)).status, 200);
    daemon.release(second);
    assert.equal((await server.stop()).code, 0);
  });

  it('keeps the file of a UNIX socket, which the new master removes at its end', async () => {
    const socket = join(tempDir(), 'server.sock');
    const args = ['--http-socket', socket, '--processes', '2', '--wsgi-file', pathsApp().path];
    const server = await startServer(args);
    const load = new KeptLoad({ target: socket, connections: 4, rate: 50, path: '/pid' });
    await load.answered(10);
    const heir = await upgradedPid(server);
    await waitUntil('the old master to end', () => !isAlive(server.pid));
    await load.answered(10);
    await load.stop();
    assert.deepEqual(load.complaints(), []);
    assert.ok(existsSync(socket));
    process.kill(heir, 'SIGTERM');
    await server.exited;
    assert.ok(!existsSync(socket));
  });
});
