import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { get } from '../helpers/get.js';
import { metricValue, parseMetrics } from '../helpers/metrics-parser.js';
import { RawSocket } from '../helpers/raw-socket.js';
import { readAll } from '../helpers/read-all.js';
import { startServer } from '../helpers/server.js';
import { pathsApp, slowRebootApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const HTTP = ['--stats', '127.0.0.1:0', '--stats-http'];
/** What the statistics may take while every JavaScript thread is blocked. */
const PROMPT_MS = 50;
const LOOKS = 20;

async function metrics(port: number) {
  const { status, text } = await get(port, '/metrics');
  assert.equal(status, 200);
  return parseMetrics(text);
}

/** For how long the main thread of a process was ready to run and had no processor: the kernel's schedstat. */
function withoutProcessorMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
}

/**
 * How long an answer takes, without the time for which the machine (the blocked threads, whoever else uses it) gave the
 * master and this test no processor: that is not the server's.
 */
async function lookTime(master: number, port: number, path: string): Promise<number> {
  const waited = (): number => withoutProcessorMs(master) + withoutProcessorMs(process.pid);
  const [waitedBefore, before] = [waited(), performance.now()];
  assert.equal((await get(port, path)).status, 200);
  return performance.now() - before - (waited() - waitedBefore);
}

describe('statistics in HTTP', () => {
  it('are JSON for tools and a page for browsers, at one address', async () => {
    const server = await startServer([...HTTP, '--wsgi-file', pathsApp().path]);
    const port = server.statsPort;
    for (const path of ['/', '/stats', '/stats?x=1']) {
      const answer = await get(port, path);
      assert.deepEqual([answer.status, answer.header('content-type')], [200, 'application/json']);
      assert.equal((JSON.parse(answer.text) as { readonly pid: number }).pid, server.pid);
    }
    const page = await get(port, '/', ['Accept: text/html,*/*;q=0.8']);
    assert.match(page.header('content-type') ?? '', /^text\/html/);
    assert.match(page.header('content-security-policy') ?? '', /default-src 'none'/);
    for (const [, path = ''] of page.text.matchAll(/(?:src|href)="(page\/[^"]+)"/g))
      assert.equal((await get(port, `/${path}`)).status, 200, path);
    assert.equal(
      (await get(port, '/page/page.js')).header('content-type'),
      'text/javascript; charset=utf-8',
    );
  });

  it('answer whoever says nothing, as uWSGI does, on every address', async () => {
    const path = join(tempDir(), 'stats.sock');
    const args = [...HTTP, '--stats', path, '--wsgi-file', pathsApp().path];
    const server = await startServer(args);
    for (const address of [server.statsPort, path]) {
      const stats = JSON.parse(await readAll(address)) as { readonly pid: number };
      assert.equal(stats.pid, server.pid);
    }
  });

  it('refuse what is not there, other methods, and what is no HTTP', async () => {
    const server = await startServer([...HTTP, '--wsgi-file', pathsApp().path]);
    const port = server.statsPort;
    assert.equal((await get(port, '/nothing')).status, 404);
    assert.equal((await get(port, '/page/../../etc/passwd')).status, 404);
    const post = await readAll(
      port,
      'POST /stats HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}',
    );
    assert.match(post, /^HTTP\/1\.1 405 .*Allow: GET, HEAD\r\n/s);
    assert.match(
      await readAll(port, 'HEAD /live HTTP/1.1\r\n\r\n'),
      /^HTTP\/1\.1 200 .*\r\n\r\n$/s,
    );
    assert.match(await readAll(port, '\u0001\u0002\r\n\r\n'), /^HTTP\/1\.1 400 /);
    const long = `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`;
    assert.match(await readAll(port, long), /^HTTP\/1\.1 431 /);
  });

  it('answer within 50 ms while the JavaScript of every worker is blocked, and are right', async () => {
    const server = await startServer([
      ...[...HTTP, '--harakiri', '60', '--processes', '2', '--threads', '2'],
      ...['--wsgi-file', pathsApp().path],
    ]);
    const port = server.statsPort;
    const stuck: RawSocket[] = [];
    const busy = async (): Promise<number> => {
      const found = await metrics(port);
      return [1, 2].filter(
        (worker) => metricValue(found, 'tsuwsgi_worker_busy', { worker: String(worker) }) === 1,
      ).length;
    };
    await waitUntil('both workers blocked', async () => {
      const socket = await RawSocket.connect(server.port);
      await socket.send('GET /block HTTP/1.1\r\nHost: test\r\n\r\n');
      stuck.push(socket);
      return (await busy()) === 2;
    });
    try {
      for (const path of ['/stats', '/metrics', '/live', '/ready', '/startup']) {
        await get(port, path);
        const times: number[] = [];
        for (let i = 0; i < LOOKS; i += 1) times.push(await lookTime(server.pid, port, path));
        const median = times.toSorted((one, other) => one - other)[LOOKS / 2] ?? Infinity;
        assert.ok(median <= PROMPT_MS, `${path}: ${times.join(', ')} ms`);
      }
      const { text } = await get(port, '/stats');
      assert.match(text, /"uri":"\/block",\s*"state":"javascript"/);
    } finally {
      // Blocked workers would keep a graceful stop waiting for --worker-reload-mercy.
      for (const socket of stuck) socket.close();
      server.kill('SIGQUIT');
      await server.end();
    }
  });

  it('count on when workers are recycled, killed and replaced', async () => {
    const server = await startServer([
      ...[...HTTP, '--max-requests', '5', '--min-worker-lifetime', '0', '--processes', '2'],
      ...['--wsgi-file', pathsApp().path],
    ]);
    const port = server.statsPort;
    let asked = 0;
    let last = 0;
    await waitUntil('two recycles', async () => {
      assert.equal((await get(server.port, '/pid')).status, 200);
      asked += 1;
      const found = await metrics(port);
      const total = metricValue(found, 'tsuwsgi_requests_total');
      assert.ok(total >= last && total <= asked, `${last}, ${total}, ${asked}`);
      last = total;
      return (server.log.text.match(/ is replaced: /g)?.length ?? 0) >= 2;
    });
    const [worker] = server.workers();
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    await waitUntil('all of them counted', async () => {
      const found = await metrics(port);
      const total = metricValue(found, 'tsuwsgi_requests_total');
      assert.ok(total >= last, `${total} after ${last}`);
      last = total;
      return total === asked && !server.workers().some(({ pid }) => pid === worker?.pid);
    });
    const found = await metrics(port);
    assert.equal(metricValue(found, 'tsuwsgi_request_duration_seconds_count'), asked);
    const { text } = await get(port, '/stats');
    assert.match(text, /"event":"worker-recycling",[^}]*"reason":"/);
    const killed = new RegExp(`"event":"worker-died",[^}]*"pid":${worker?.pid},[^}]*SIGKILL`);
    assert.match(text, killed);
    server.allowAlert(/died: /);
  });

  it('tell probes when it starts, takes requests, and stops', async () => {
    const app = slowRebootApp();
    const args = [...HTTP, '--processes', '2', '--wsgi-file', app.path];
    const options = { env: { QUICK_BOOTS: '1' }, waitForReady: false };
    const server = await startServer(args, options);
    await server.log.waitFor(/worker \d \(pid: \d+\) is ready/);
    const port = server.statsPort;
    const starting = await get(port, '/startup');
    assert.deepEqual([starting.status, starting.text], [503, 'starting: 1 of 2 worker(s) ready\n']);
    assert.equal((await get(port, '/ready')).status, 200);
    app.signal('allowed');
    await server.ready();
    assert.equal((await get(port, '/startup')).status, 200);
    const pending = await RawSocket.connect(server.port);
    await pending.send('GET /until-told HTTP/1.1\r\nHost: test\r\n\r\n');
    await waitUntil('the request in flight', async () =>
      (await get(port, '/stats')).text.includes('/until-told'),
    );
    server.kill('SIGTERM');
    const stopping = await waitUntil('not ready', async () => {
      const answer = await get(port, '/ready');
      return answer.status === 503 && answer;
    });
    assert.match(stopping.text, /^not ready: .*SIGTERM/);
    assert.equal((await get(port, '/live')).status, 200);
    app.signal('told');
    await server.end();
    pending.close();
  });
});
