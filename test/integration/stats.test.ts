import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { get } from '../helpers/get.js';
import { RawSocket } from '../helpers/raw-socket.js';
import { readAll } from '../helpers/read-all.js';
import { startServer } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

interface Worker {
  readonly id: number;
  readonly pid: number;
  readonly requests: number;
  readonly status: string;
  readonly exceptions: number;
  readonly respawn_count: number;
  readonly rss: number;
  readonly tx: number;
  readonly bad_requests: number;
  readonly running_time: number;
  readonly loop_silence: number;
  readonly loop_utilisation: number;
  readonly loop_delay: number;
  readonly loop_delay_p99: number;
  readonly loop_delay_max: number;
  readonly cores?: readonly { readonly in_request: number; readonly vars: readonly string[] }[];
}

interface Stats {
  readonly pid: number;
  readonly workers: readonly Worker[];
  readonly sockets: readonly { readonly name: string; readonly proto: string }[];
}

const parse = (text: string): Stats => JSON.parse(text) as Stats;

const total = (
  stats: Stats,
  key: 'requests' | 'exceptions' | 'tx' | 'running_time' | 'bad_requests',
): number => stats.workers.reduce((sum, worker) => sum + worker[key], 0);

/** As the kernel has them, where a NUL byte is written as another @. */
function boundAbstractNames(): string[] {
  const lines = readFileSync('/proc/net/unix', 'latin1').split('\n');
  return lines.flatMap((line) => / @(.*)$/.exec(line)?.[1] ?? []);
}

describe('statistics', () => {
  it('tell what workers did, with the names that uWSGI gives', async () => {
    const stats = ['--stats', '127.0.0.1:0', '--processes', '2'];
    const server = await startServer([...stats, '--wsgi-file', pathsApp().path]);
    for (let i = 0; i < 5; i += 1) await get(server.port, '/pid');
    await get(server.port, '/unknown-so-it-throws');
    const found = await waitUntil('six requests', async () => {
      const now = parse(await readAll(server.statsPort));
      return total(now, 'requests') === 6 && total(now, 'exceptions') === 1 && now;
    });
    assert.equal(found.pid, server.pid);
    assert.deepEqual(
      found.sockets.map(({ name, proto }) => [name, proto]),
      [[`127.0.0.1:${server.port}`, 'http']],
    );
    assert.deepEqual(
      found.workers.map(({ pid }) => pid).sort(),
      server
        .workers()
        .map(({ pid }) => pid)
        .sort(),
    );
    assert.equal(total(found, 'exceptions'), 1);
    assert.ok(total(found, 'tx') > 6 * 50 && total(found, 'running_time') > 0);
    for (const { rss, respawn_count, status } of found.workers)
      assert.deepEqual([rss > 1e7, respawn_count, status], [true, 1, 'idle']);
  });

  it('are there while JavaScript is blocked, and show the request', async () => {
    const server = await startServer([
      ...['--stats', '127.0.0.1:0', '--stats-minified', '--harakiri', '60'],
      ...['--wsgi-file', pathsApp().path],
    ]);
    const stuck = await RawSocket.connect(server.port);
    await stuck.send('GET /block?x=1 HTTP/1.1\r\nHost: test\r\n\r\n');
    const [core] = await waitUntil('the request in the statistics', async () => {
      const [worker] = parse(await readAll(server.statsPort)).workers;
      return worker?.status === 'busy' && worker.cores;
    });
    assert.equal(core?.in_request, 1);
    assert.ok(core.vars.includes('REQUEST_URI=/block?x=1'));
    stuck.close();
    server.kill('SIGQUIT');
    await server.end();
  });

  it('say of an event loop that does not come back that it is busy, and for how long', async () => {
    const server = await startServer([
      ...['--stats', '127.0.0.1:0', '--stats-minified', '--wsgi-file', pathsApp().path],
    ]);
    process.kill(server.workers()[0]?.pid ?? 0, 'SIGSTOP');
    const worker = await waitUntil('two seconds of silence', async () => {
      const [found] = parse(await readAll(server.statsPort)).workers;
      return found !== undefined && found.loop_silence > 2e6 && found;
    });
    assert.equal(worker.loop_utilisation, 1);
    for (const delay of [worker.loop_delay, worker.loop_delay_p99, worker.loop_delay_max])
      assert.ok(delay > 1.5e6 && delay <= worker.loop_silence, String(delay));
    process.kill(worker.pid, 'SIGCONT');
    await waitUntil('what it writes itself', async () => {
      const [found] = parse(await readAll(server.statsPort)).workers;
      return found !== undefined && found.loop_utilisation < 1;
    });
  });

  it('come in HTTP, and over a UNIX socket that is removed at the end', async () => {
    const path = join(tempDir(), 'stats.sock');
    const server = await startServer([
      ...['--stats', path, '--stats-http', '--stats-no-cores', '--chmod-socket=600'],
      ...['--wsgi-file', pathsApp().path],
    ]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const text = await readAll(path, 'GET / HTTP/1.0\r\n\r\n');
    const [head = '', body = ''] = text.split('\r\n\r\n');
    assert.match(
      head,
      /^HTTP\/1\.1 200 OK\r\nConnection: close\r\nContent-Type: application\/json\r\n/,
    );
    assert.equal(parse(body).workers[0]?.cores, undefined);
    await server.stop();
    assert.equal(existsSync(path), false);
  });

  it('replace a socket file that nobody listens on, and never one of a live server', async () => {
    const path = join(tempDir(), 'stats.sock');
    const args = ['--stats', path, '--wsgi-file', pathsApp().path];
    const killed = await startServer(args);
    killed.kill('SIGKILL');
    await killed.end();
    const next = await startServer(args);
    assert.equal(parse(await readAll(path)).pid, next.pid);
    await next.stop();
    const other = createServer().listen(path);
    const refused = await startServer(args, { waitForReady: false });
    assert.deepEqual(await refused.end(), { code: 1, signal: null });
    assert.match(refused.log.text, /--stats .*EADDRINUSE/);
    other.close();
  });

  it('leave a file alone that is no socket', async () => {
    const path = join(tempDir(), 'notes.txt');
    writeFileSync(path, 'keep');
    const args = ['--stats', path, '--wsgi-file', pathsApp().path];
    const refused = await startServer(args, { waitForReady: false });
    assert.deepEqual(await refused.end(), { code: 1, signal: null });
    assert.match(refused.log.text, /--stats .*: there is a file that is no socket/);
    assert.equal(readFileSync(path, 'utf8'), 'keep');
  });

  it('have an abstract name that is exactly the one that was given', async () => {
    const name = `tsuwsgi-test-stats-${process.pid}`;
    const args = ['--stats', `@${name}`, '--wsgi-file', pathsApp().path];
    const server = await startServer(args);
    assert.ok(boundAbstractNames().includes(name));
    const second = await startServer(args, { waitForReady: false });
    assert.deepEqual(await second.end(), { code: 1, signal: null });
    assert.match(second.log.text, /--stats @\S+: bind EADDRINUSE/);
    await server.stop();
    assert.ok(!boundAbstractNames().includes(name));
  });

  it('name a directory that is missing', async () => {
    const directory = join(tempDir(), 'none');
    const args = ['--stats', join(directory, 's.sock'), '--wsgi-file', pathsApp().path];
    const refused = await startServer(args, { waitForReady: false });
    assert.deepEqual(await refused.end(), { code: 1, signal: null });
    assert.ok(refused.log.text.includes(`the directory ${directory} does not exist`));
  });

  it('count refused requests and dropped uwsgi packets', async () => {
    const path = join(tempDir(), 'app.sock');
    const sockets = ['--uwsgi-socket', path, '--http-socket', '127.0.0.1:0'];
    const args = ['--stats', '127.0.0.1:0', '--wsgi-file', pathsApp().path, ...sockets];
    const server = await startServer(args);
    assert.equal(await readAll(path, '\x05\0\0\0'), '');
    assert.match(await readAll(server.portOf(1), 'no request\r\n\r\n'), /^HTTP\/1\.1 400 /);
    await waitUntil('both counted', async () => {
      const now = parse(await readAll(server.statsPort));
      return total(now, 'bad_requests') === 2;
    });
    await server.stop();
  });
});
