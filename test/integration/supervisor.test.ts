import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FIRST_QUEUE_FD } from '../../src/supervisor/workers/spawn.js';
import { childrenOf, isAlive, openFiles, residentBytes } from '../helpers/processes.js';
import { RawSocket, requestOnce } from '../helpers/raw-socket.js';
import { startServer } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { waitUntil } from '../helpers/wait-until.js';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;

const MEBIBYTE = 1024 * 1024;

describe('processes', () => {
  it('one process without a master', async () => {
    const server = await startServer(['--wsgi-file', pathsApp().path]);
    assert.deepEqual(childrenOf(server.pid), []);
    assert.equal((await requestOnce(server.port, get('/pid'))).text, String(server.pid));
    assert.match(server.log.text, /running without a master process/);
    assert.match(server.log.text, /\*\*\* Operational MODE: single process \*\*\*/);
  });

  it('a master and its workers', async () => {
    const server = await startServer(['--processes', '3', '--wsgi-file', pathsApp().path]);
    assert.equal(server.workers().length, 3);
    assert.match(server.log.text, /spawned tsuwsgi-native master process \(pid: \d+\)/);
    assert.equal(
      server.log.matching(/spawned tsuwsgi-native worker \d \(pid: \d+, cores: 1\)/).length,
      3,
    );
    assert.match(server.log.text, /\*\*\* Operational MODE: preforking \*\*\*/);
    const answers = Array.from({ length: 60 }, () => requestOnce(server.port, get('/pid')));
    const pids = new Set((await Promise.all(answers)).map(({ text }) => Number(text)));
    assert.deepEqual(
      [...pids].sort(),
      server
        .workers()
        .map(({ pid }) => pid)
        .sort(),
    );
  });

  it('a master that loads neither the application nor much else', async () => {
    const server = await startServer(['--master', '--wsgi-file', pathsApp().path]);
    const [worker] = server.workers();
    assert.ok(worker);
    assert.ok(residentBytes(server.pid) < 80 * MEBIBYTE, String(residentBytes(server.pid)));
    const names = [...openFiles(server.pid).values()];
    assert.ok(!names.some((name) => name.includes('app.mjs')));
  });

  it('keeps the descriptors of the queues from the application’s own children', async () => {
    const server = await startServer(['--processes', '2', '--wsgi-file', pathsApp().path]);
    const { text } = await requestOnce(server.port, get('/child-fds'));
    const [worker] = server.workers();
    assert.ok(worker);
    const files = openFiles(worker.pid);
    const queues = [FIRST_QUEUE_FD, FIRST_QUEUE_FD + 1].map((fd) => files.get(fd));
    assert.match(text, / 1 -> /);
    for (const queue of queues) {
      assert.match(queue ?? '', /^socket:/);
      assert.ok(!text.includes(queue as string), text);
    }
  });

  it('logs the start as JSON where asked', async () => {
    const app = pathsApp();
    const server = await startServer(['-M', '--log-format', 'json', '--wsgi-file', app.path]);
    const records = server.log.records();
    assert.equal(records.length, server.log.lines.length, server.log.text);
    for (const record of records) {
      assert.equal(typeof record['msg'], 'string');
      assert.equal(typeof record['pid'], 'number');
      assert.ok(!Number.isNaN(Date.parse(String(record['time']))));
    }
    assert.ok(records.some(({ event, worker }) => event === 'worker-ready' && worker === 1));
    assert.ok(records.some(({ port }) => port === server.port));
  });
});

describe('a master that is killed', () => {
  it('takes its workers along: they finish their requests and go', async () => {
    const app = pathsApp();
    const server = await startServer(['--processes', '2', '--wsgi-file', app.path]);
    const workers = server.workers().map(({ pid }) => pid);
    const client = await RawSocket.connect(server.port);
    await client.send(get('/until-told'));
    assert.equal((await requestOnce(server.port, get('/pid'))).status, 200);
    server.kill('SIGKILL');
    await waitUntil('the idle worker to go', () => workers.filter(isAlive).length === 1);
    app.signal('told');
    assert.equal((await client.readResponse()).status, 200);
    await waitUntil('both workers to go', () => !workers.some(isAlive));
    await server.end();
  });
});

describe('a working directory that is deleted', () => {
  it('does not keep workers from being replaced', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tsuwsgi-cwd-'));
    const app = pathsApp();
    const args = ['--master', '--processes', '2', '--wsgi-file', app.path];
    const server = await startServer(args, { cwd: directory });
    rmSync(directory, { recursive: true });
    const [victim] = server.workers();
    assert.ok(victim);
    const from = server.log.lines.length;
    process.kill(victim.pid, 'SIGKILL');
    await server.log.waitFor(/worker \d \(pid: \d+\) is ready/, 10_000, from);
  });
});
