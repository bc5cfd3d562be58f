import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { onCleanup } from '../helpers/cleanup.js';
import { get, requestText } from '../helpers/get.js';
import type { HttpResponse } from '../helpers/http-response.js';
import { requestOnce } from '../helpers/raw-socket.js';
import { startServer } from '../helpers/server.js';
import { brokenApp, pathsApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { getPacket } from '../helpers/uwsgi-packet.js';
import { waitUntil } from '../helpers/wait-until.js';
import { inFile, read } from '../helpers/written-file.js';
import { ask, portFor, startBoth } from './uwsgi-server.js';

describe('loggers', () => {
  it('keep request lines apart, and route lines to those with an id', async () => {
    const directory = tempDir();
    const at = (name: string): string => join(directory, name);
    const server = await startServer(
      [
        ...['--logger', `file:${at('general.log')}`, '--req-logger', `file:${at('requests.log')}`],
        ...['--logger', `bad file:${at('bad.log')}`, '--log-route', 'bad application error'],
        ...['--http-socket', '127.0.0.1:0', '--processes', '2', '--wsgi-file', pathsApp().path],
      ],
      { waitForReady: false },
    );
    const general = await inFile(at('general.log'), /all workers are ready/);
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(general)?.[1]);
    await get(port, '/pid');
    await get(port, '/nothing-here');
    await inFile(at('requests.log'), /GET \/nothing-here/);
    await inFile(at('bad.log'), /application error: GET \/nothing-here/);
    await server.stop();
    assert.equal(read(at('requests.log')).trimEnd().split('\n').length, 2);
    assert.doesNotMatch(read(at('general.log')), /\[pid: /);
    assert.match(read(at('general.log')), /goodbye to tsuwsgi-native/);
    const [record = '', ...stack] = read(at('bad.log')).trimEnd().split('\n');
    assert.match(record, /application error: GET \/nothing-here/);
    assert.ok(stack.length > 1 && stack.every((line) => line.startsWith('    ')), record);
    assert.doesNotMatch(read(at('general.log')), /application error|^    /m);
  });

  it('send lines over UDP, as they are and as syslog', async () => {
    const receiver = createSocket('udp4');
    onCleanup(() => new Promise<void>((resolve) => receiver.close(() => resolve())));
    const lines: string[] = [];
    receiver.on('message', (message) => lines.push(message.toString()));
    await new Promise<void>((resolve) => receiver.bind(0, '127.0.0.1', resolve));
    const { port } = receiver.address();
    const server = await startServer([
      ...['--logger', 'stdio', '--logger', `rsyslog:127.0.0.1:${port},myapp,local1`],
      ...['--req-logger', `socket:127.0.0.1:${port}`, '--wsgi-file', pathsApp().path],
    ]);
    await get(server.port, '/pid?udp');
    await waitUntil('the datagrams', () => lines.some((line) => /^\[pid: .*\/pid\?udp/.test(line)));
    assert.ok(lines.some((line) => /^<142>\w+ .* myapp: \*\*\* all workers are ready/.test(line)));
  });

  it('that all take nothing leave their complaint on standard error', async () => {
    const syslog = join(tempDir(), 'absent');
    const args = ['--log-socket', syslog, '--wsgi-file', pathsApp().path];
    const server = await startServer(args, { waitForReady: false });
    const complaint = /socket:.*absent does not take what is logged \(.*ENOENT/;
    await waitUntil('the complaint', () => complaint.test(server.log.text), 30_000);
  });

  it('that do not exist, or cannot be opened, end the start', async () => {
    for (const [logger, why] of [
      ['carrier-pigeon:x', /there is no logger carrier-pigeon; known are file/],
      ['file:/nonexistent/x.log', /--logger file:\/nonexistent\/x\.log: ENOENT/],
      ['stdio', /--log-route bad REGEX: no logger has the ID bad: give it one with --logger/],
    ] as const) {
      const route = logger === 'stdio' ? ['--log-route', 'bad REGEX'] : [];
      const args = ['--logger', logger, ...route, '--wsgi-file', pathsApp().path];
      const server = await startServer(args, { waitForReady: false });
      assert.equal((await server.end()).code, 1);
      assert.match(server.log.text, why);
    }
  });
});

describe('request lines', () => {
  const start = (...args: string[]) => startServer(['--wsgi-file', pathsApp().path, ...args]);

  it('have the form that is asked for', async () => {
    const form = '%(addr) %(method) %(uri) %(status) %(rsize) %(var.HTTP_X_A) %(cl) %(nope)';
    const server = await start('--log-format', form, '--log-x-forwarded-for');
    // Heads that differ in their first line alone are not parsed again.
    for (const query of ['x', 'longer', 'the-longest']) {
      await get(server.port, `/pid?${query}`, ['X-A: 5', 'X-Forwarded-For: 9.9.9.9, 8.8.8.8']);
      await server.log.waitFor(new RegExp(`^9\\.9\\.9\\.9 GET /pid\\?${query} 200 \\d+ 5 0 -$`));
    }
    await get(server.port, '/pid');
    await server.log.waitFor(/^127\.0\.0\.1 GET \/pid 200 \d+ - 0 -$/);
  });

  it('count names and values, as uWSGI does of the packet that it makes of a request over HTTP', async () => {
    const server = await start();
    await get(server.port, '/pid?x', ['X-A: 12345']);
    await get(server.port, '/pid?x', []);
    const { input: more } = await server.log.waitFor(/\{24 vars in \d+ bytes\} \[.*GET \/pid\?x /);
    const { input: less } = await server.log.waitFor(/\{22 vars in \d+ bytes\} \[.*GET \/pid\?x /);
    const bytes = (line: string): number => Number(/ vars in (\d+) bytes/.exec(line)?.[1]);
    assert.equal(bytes(more) - bytes(less), 'HTTP_X_A'.length + '12345'.length + 2 * 2);
  });

  it('are written for failures alone where that is asked for', async () => {
    const server = await start('-L', '--log-5xx', '--log-micros', '--memory-report');
    await get(server.port, '/pid');
    await get(server.port, '/nothing');
    await server.log.waitFor(
      /^\{address space usage: \d+ bytes\/\d+MB\} \{rss usage: .*GET \/nothing .* micros \(HTTP\/1\.1 500\)/,
    );
    assert.equal(server.log.matching(/GET \/pid/).length, 0);
  });

  for (const [form, line] of [
    ['%(request_id) %(uri)', (uri: string) => new RegExp(`^(\\S+) ${uri}$`)],
    ['json', (uri: string) => new RegExp(`"requestId":"([^"]+)".*"uri":"${uri}"`)],
  ] as const) {
    it(`have the id that the application knows the request by (${form})`, async () => {
      const server = await startBoth('environ.ts', ['--threads', '2', '--log-format', form]);
      const port = portFor(server, 'http');
      const post = `${requestText('POST', '/d', ['Content-Length: 4'])}body`;
      const ids = new Set<string>();
      const check = async (uri: string, { body }: HttpResponse): Promise<void> => {
        const { 'tsuwsgi.request_id': id } = JSON.parse(body.toString()) as Record<string, string>;
        const [, logged = ''] = await server.log.waitFor(line(uri));
        assert.equal(logged, id);
        ids.add(logged);
      };
      // The same head again takes another way through the core, and a body a third one.
      for (const uri of ['/a', '/b', '/c']) await check(uri, await get(port, uri));
      await check('/d', await requestOnce(port, post));
      await check('/e', await ask(server, getPacket('/e')));
      assert.equal(ids.size, 5);
    });
  }

  for (const threads of ['1', '2'])
    it(`are there when the application ends the process (--threads ${threads})`, async () => {
      const server = await start('--master', '--threads', threads);
      await get(server.port, '/pid');
      await assert.rejects(get(server.port, '/exit'));
      await server.log.waitFor(/exited with code 9/);
      assert.equal(server.log.matching(/GET \/pid => generated/).length, 1);
      assert.equal(server.log.matching(/GET \/exit => generated 0 bytes/).length, 1);
    });

  it('number the requests of the worker, and of all workers', async () => {
    const server = await start('--processes', '2');
    const pids = new Set<string>();
    await waitUntil('both workers', async () => {
      const answer = await get(server.port, '/pid');
      pids.add(/\d+$/.exec(String(answer.body))?.[0] ?? '');
      return pids.size === 2;
    });
    await waitUntil('a line that counts the other one', async () => {
      await get(server.port, '/pid');
      return server.log.lines.some((line) => {
        const [, own, all] = /req: (\d+)\/(\d+)\]/.exec(line) ?? [];
        return Number(all) > Number(own);
      });
    });
  });

  it('tell of requests whose client left, and where the time went', async () => {
    const app = pathsApp();
    const args = ['-L', '--log-ioerror', '--log-format', 'json', '--wsgi-file', app.path];
    const server = await startServer(args);
    const client = connect({ host: '127.0.0.1', port: server.port });
    await once(client, 'connect');
    client.write('GET /until-told HTTP/1.1\r\nHost: a\r\n\r\n');
    await get(server.port, '/pid');
    client.resetAndDestroy();
    const { input: line } = await server.log.waitFor(/"uri":"\/until-told".*"aborted":"client"/);
    const record = JSON.parse(line) as Record<string, number>;
    const { jsMicros = -1, waitingMicros = -1, micros = -1 } = record;
    assert.ok(waitingMicros >= 0 && jsMicros > waitingMicros && micros >= jsMicros, line);
    assert.equal(server.log.matching(/"uri":"\/pid"/).length, 0);
    app.signal('told');
  });
});

describe('what the core refuses', () => {
  it('has its target in its line; a HEAD has no body', async () => {
    const server = await startServer(['--log-format', 'json', '--wsgi-file', pathsApp().path]);
    const client = connect({ host: '127.0.0.1', port: server.port });
    client.end('HEAD /a?b HTTP/1.1\r\nHost : a\r\n\r\n');
    const answer = (await client.setEncoding('latin1').toArray()).join('');
    assert.match(answer, /^HTTP\/1\.1 400 [^]*Content-Length: 12\r\n[^]*\r\n\r\n$/);
    await server.log.waitFor(/"method":"HEAD","uri":"\/a\?b".*"status":400,"bytes":0/);
  });

  it('has its reason and status as fields, and the bytes of its answer in its line', async () => {
    const server = await startServer(['--log-format', 'json', '--wsgi-file', pathsApp().path]);
    const client = connect({ host: '127.0.0.1', port: server.port });
    client.end('GET / HTTP/1.1\r\nHost : a\r\n\r\n');
    const answer = (await client.setEncoding('latin1').toArray()).join('');
    const { input: line } = await server.log.waitFor(/"event":"request-refused"/);
    const { reason, status, level } = JSON.parse(line) as Record<string, unknown>;
    assert.deepEqual({ status, level }, { status: 400, level: 'warn' });
    assert.match(String(reason), /\w+ /);
    const request = await server.log.waitFor(/"msg":"request".*"status":400/);
    const { bytes, headers } = JSON.parse(request.input) as Record<string, number>;
    assert.deepEqual(
      { bytes, headers },
      { bytes: answer.split('\r\n\r\n')[1]?.length, headers: 1 },
    );
  });
});

const BLOCKING = `
import { existsSync } from 'node:fs';
import { join } from 'node:path';
export function application(environ, startResponse) {
  while (!existsSync(join(import.meta.dirname ?? '.', 'told'))) continue;
  startResponse('200 OK', []);
  return 'told';
}
`;

describe('a refusal while JavaScript is blocked', () => {
  it('is told later, with the time at which it happened', async () => {
    const app = brokenApp(BLOCKING);
    const args = ['--threads', '2', '--log-format', 'json', '--wsgi-file', app.path];
    const server = await startServer(args, { cwd: app.directory });
    const blocked = get(server.port, '/');
    const refused = await requestOnce(server.port, 'GET / HTTP/1.1\r\nHost : a\r\n\r\n');
    assert.equal(refused.status, 400);
    const answered = Date.now();
    await waitUntil('the next millisecond', () => Date.now() > answered);
    app.signal('told');
    await blocked;
    const { input: line } = await server.log.waitFor(/"event":"request-refused"/);
    const { time } = JSON.parse(line) as { readonly time: string };
    assert.ok(Date.parse(time) <= answered, `${line} after ${answered}`);
  });
});

describe('lines on their way to a logger', () => {
  it('are filtered, and put into another form', async () => {
    const file = join(tempDir(), 'a.log');
    const server = await startServer(
      [
        ...['--logger', `file:${file}`, '--log-filter', 'workers are ready|application error'],
        ...['--log-drain', 'nothing-here', '--log-encoder', 'json {"m":"${msg}"}'],
        ...['--log-encoder', 'prefix @', '--log-req-encoder', 'prefix request: '],
        ...['--http-socket', '127.0.0.1:0', '--wsgi-file', pathsApp().path],
        ...['--master-fifo', join(tempDir(), 'fifo'), '--stats', '127.0.0.1:0'],
      ],
      { waitForReady: false },
    );
    await inFile(file, /^@\{"m":"\*\*\* all workers are ready \(1\) \*\*\*"\}$/m);
    await server.stop();
    assert.equal(read(file).trimEnd().split('\n').length, 1, read(file));
  });
});
