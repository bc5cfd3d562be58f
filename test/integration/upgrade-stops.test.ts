/** Upgrades in which somebody stops the server, or orders the next upgrade, before the new master has taken over. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../helpers/cleanup.js';
import { HeldDaemon } from '../helpers/held-daemon.js';
import { upgradedPid } from '../helpers/masters.js';
import { isAlive } from '../helpers/processes.js';
import { requestOnce } from '../helpers/raw-socket.js';
import { startServer, type Server } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const ANNOUNCED =
  /SIGTERM received: not ready for new clients any more, stopping in .*--stop-delay/;

const GET = 'GET /pid HTTP/1.1\r\nHost: test\r\n\r\n';

const ORPHANED = /the old master \(pid: \d+\) is gone and has not handed over: this one takes/;

describe('an upgrade while the old master ends its daemons', () => {
  let daemon: HeldDaemon;
  let pidfile: string;
  let fifo: string;

  /** The old master waits for its daemon, the new one for the old one. */
  async function passing(...args: readonly string[]): Promise<{ server: Server; heir: number }> {
    daemon = new HeldDaemon();
    const directory = tempDir();
    pidfile = join(directory, 'pid');
    fifo = join(directory, 'fifo');
    const server = await startServer([
      ...['--processes', '2', '--wsgi-file', pathsApp().path, '--attach-daemon', daemon.command],
      ...['--pidfile', pidfile, '--master-fifo', fifo, '--vacuum', ...args],
    ]);
    // Before the server is waited for: a daemon without a master still has its log.
    onCleanup(() => daemon.pids.forEach((pid) => daemon.release(pid)));
    await daemon.started(1);
    return { server, heir: await upgradedPid(server) };
  }

  function nothingTaken(server: Server): void {
    assert.equal(daemon.pids.length, 1);
    assert.equal(server.log.matching(/listening for commands at/).length, 1);
  }

  it('ends in a stop of both where the old one is told to stop', async () => {
    const { server, heir } = await passing();
    server.kill('SIGTERM');
    await waitUntil('the new master to end', () => !isAlive(heir));
    daemon.release(await daemon.started(1));
    assert.deepEqual(await server.end(), { code: 0, signal: null });
    nothingTaken(server);
    assert.ok(!existsSync(pidfile));
    assert.equal(server.log.matching(/upgrade given up: the server stops/).length, 1);
    assert.equal(server.log.matching(/upgrade failed/).length, 0);
  });

  it('tells the new master each order, so that it goes on no longer than the old one', async () => {
    const { server, heir } = await passing('--stop-delay', '600');
    server.kill('SIGTERM');
    await waitUntil('both to hear it', () => server.log.matching(ANNOUNCED).length === 2);
    assert.ok(isAlive(heir));
    server.kill('SIGQUIT');
    await waitUntil('the new master to end', () => !isAlive(heir));
    daemon.release(await daemon.started(1));
    assert.deepEqual(await server.end(), { code: 0, signal: null });
    nothingTaken(server);
  });

  it('fails where somebody stops the new one alone: the old one goes on', async () => {
    const { server, heir } = await passing('--stop-delay', '600');
    process.kill(heir, 'SIGTERM');
    await server.log.waitFor(ANNOUNCED);
    daemon.release(await daemon.started(1));
    await server.log.waitFor(/upgrade failed: the new master did not take over: it was told to st/);
    const second = await daemon.started(2);
    assert.equal((await requestOnce(server.port, GET)).status, 200);
    assert.ok(existsSync(pidfile));
    assert.ok(isAlive(heir));
    server.kill('SIGQUIT');
    await waitUntil('the new master to end', () => !isAlive(heir));
    daemon.release(second);
    assert.deepEqual(await server.end(), { code: 0, signal: null });
    assert.equal(server.log.matching(/listening for commands at/).length, 1);
  });

  it('leaves nothing to a new master that stops, though the old one dies', async () => {
    const { server, heir } = await passing('--stop-delay', '600');
    process.kill(heir, 'SIGTERM');
    await server.log.waitFor(ANNOUNCED);
    server.kill('SIGKILL');
    await waitUntil('the old master to end', () => !isAlive(server.pid));
    process.kill(heir, 'SIGUSR1');
    await server.log.waitFor(/worker 2 .*: ready/);
    process.kill(heir, 'SIGTERM');
    await waitUntil('the new master to end', () => !isAlive(heir));
    nothingTaken(server);
    assert.equal(Number(readFileSync(pidfile, 'utf8')), server.pid);
    assert.equal(server.log.matching(ORPHANED).length, 0);
  });

  it('is over where the old one dies: the new one takes its place, and says why', async () => {
    const { server, heir } = await passing();
    server.kill('SIGKILL');
    await server.log.waitFor(ORPHANED);
    await waitUntil('the pidfile', () => Number(readFileSync(pidfile, 'utf8')) === heir);
    daemon.release(await daemon.started(1));
    process.kill(heir, 'SIGTERM');
    daemon.release(await daemon.started(2));
    await waitUntil('the new master to end', () => !isAlive(heir));
  });

  it('is the only one: the new master refuses the next until it has taken over', async () => {
    const { server, heir } = await passing();
    process.kill(heir, 'SIGUSR2');
    await server.log.waitFor(/SIGUSR2 received: ignored, this server has not taken over yet/);
    daemon.release(await daemon.started(1));
    await waitUntil('the old master to end', () => !isAlive(server.pid));
    assert.equal(server.log.matching(ORPHANED).length, 0);
    const last = await upgradedPid(server, heir);
    daemon.release(await daemon.started(2));
    await waitUntil('the second master to end', () => !isAlive(heir));
    await waitUntil('the pidfile', () => Number(readFileSync(pidfile, 'utf8')) === last);
    process.kill(last, 'SIGTERM');
    daemon.release(await daemon.started(3));
    await waitUntil('the last master to end', () => !isAlive(last));
  });
});
