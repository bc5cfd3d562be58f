import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { get } from '../helpers/get.js';
import { RawSocket, requestOnce } from '../helpers/raw-socket.js';
import { startServer, type Server } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const APP = `
import { execSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

interface Rounds { left: number }

let aborted = 'no';

function spin(rounds: Rounds): void {
  while (rounds.left > 0) { // the line that blocks
    rounds.left = 1;
  }
}

const paths: Record<string, (environ: any, startResponse: any) => unknown> = {
  '/pid': () => String(process.pid),
  '/aborted': () => aborted,
  '/never': (environ) => new Promise(() => {
    environ['tsuwsgi.signal'].addEventListener('abort', (event: any) => { aborted = event.target.reason.reason; });
  }),
  '/patient': (environ) => new Promise((resolve) => {
    environ['tsuwsgi.setHarakiri'](60);
    setTimeout(() => resolve('in its own time'), 2000);
  }),
  '/hasty': (environ) => new Promise(() => environ['tsuwsgi.setHarakiri'](0.3)),
  '/ask-and-hang': (environ) => new Promise(() => {
    environ['tsuwsgi.setHarakiri'](60);
    writeFileSync(environ.QUERY_STRING, '');
  }),
  '/stream': (environ, startResponse) => {
    startResponse('200 OK', [['Content-Type', 'text/plain']])('begun');
    return new Promise(() => {});
  },
  '/block': () => { spin({ left: 1 }); },
  '/block-told': (environ) => { writeFileSync(environ.QUERY_STRING, ''); spin({ left: 1 }); },
  '/block-later': async () => { await null; spin({ left: 1 }); },
  '/hasty-block': (environ) => { environ['tsuwsgi.setHarakiri'](0.2); spin({ left: 1 }); },
  '/child': () => { execSync('sleep 60'); },
};
export function application(environ: any, startResponse: any) {
  if (environ.PATH_INFO !== '/stream') startResponse('200 OK', []);
  return paths[environ.PATH_INFO]?.(environ, startResponse);
}
`;

const LINE = APP.split('\n').findIndex((line) => line.includes('the line that blocks')) + 1;

const start = (...args: string[]): Promise<Server> =>
  startServer([
    '--wsgi-file',
    `${tempFiles({ 'app.ts': APP })}/app.ts`,
    '--harakiri-stack',
    '8',
    ...args,
  ]);

/** A connection with one answered request behind it, whose worker is known. */
async function connectionTo(server: Server): Promise<{ socket: RawSocket; pid: string }> {
  const socket = await RawSocket.connect(server.port);
  return { socket, pid: await ask(socket, '/pid') };
}

async function ask(socket: RawSocket, path: string): Promise<string> {
  await socket.send(requestFor(path));
  return (await socket.readResponse()).text;
}

const requestFor = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;

/** Two connections of the same worker, however many workers there are. */
async function twoOfOneWorker(
  server: Server,
): Promise<{ one: RawSocket; two: RawSocket; pid: string }> {
  const first = await connectionTo(server);
  const second = await connectionToWorker(server, first.pid);
  return { one: first.socket, two: second, pid: first.pid };
}

function connectionToWorker(server: Server, pid: string): Promise<RawSocket> {
  return waitUntil(`a connection of worker ${pid}`, async () => {
    const { socket, pid: other } = await connectionTo(server);
    if (other === pid) return socket;
    socket.close();
    return undefined;
  });
}

const respawned = (server: Server): Promise<unknown> =>
  server.log.waitFor(/Respawned tsuwsgi-native worker/);

describe('harakiri', () => {
  for (const mode of [[], ['--threads', '2'], ['--no-master']]) {
    it(`answers 504 and aborts the signal, and the worker goes on (${mode.join(' ') || 'loop'})`, async () => {
      const server = await start('--harakiri', '1', ...mode);
      const { text: pid } = await get(server.port, '/pid');
      const stuck = await get(server.port, '/never');
      assert.equal(stuck.status, 504);
      assert.equal((await get(server.port, '/aborted')).text, 'deadline');
      assert.equal((await get(server.port, '/pid')).text, pid);
      assert.match(
        server.log.text,
        /\*\*\* HARAKIRI \*\*\* GET \/never took \d\.\d s .*answered 504/,
      );
    });
  }

  it('cuts a response that has begun', async () => {
    const server = await start('--harakiri', '1');
    const socket = await RawSocket.connect(server.port);
    await socket.send(requestFor('/stream'));
    await server.log.waitFor(/HARAKIRI \*\*\* GET \/stream .*its connection is cut/);
    await assert.rejects(socket.readResponse());
    assert.equal((await get(server.port, '/pid')).status, 200);
  });

  it('gives a request the time that it asks for, more or less', async () => {
    const server = await start('--harakiri', '1');
    const [patient, hasty] = await Promise.all([
      get(server.port, '/patient'),
      get(server.port, '/hasty'),
    ]);
    assert.deepEqual([patient.text, hasty.status], ['in its own time', 504]);
    assert.match(server.log.text, /HARAKIRI \*\*\* GET \/hasty took 0\.[3-9] s/);
    assert.doesNotMatch(server.log.text, /HARAKIRI \*\*\* GET \/patient/);
  });

  it('needs no --harakiri for a request that asks for a limit, also where it blocks', async () => {
    const server = await start('--master');
    assert.equal((await get(server.port, '/hasty')).status, 504);
    const socket = await RawSocket.connect(server.port);
    await socket.send(requestFor('/hasty-block'));
    await server.log.waitFor(/HARAKIRI ON WORKER 1 .* JavaScript blocked for 0\.\d s/);
    await respawned(server);
  });

  for (const mode of [[], ['--threads', '2']]) {
    const name = mode.join(' ') || 'loop';
    it(`kills a worker whose JavaScript is blocked, and names the line of source (${name})`, async () => {
      const server = await start(
        '--harakiri',
        '1',
        '--processes',
        '2',
        '--harakiri-verbose',
        ...mode,
      );
      const before = server.workers().map(({ pid }) => pid);
      const victim = await RawSocket.connect(server.port);
      await victim.send(requestFor('/block?why'));
      const line = await server.log.waitFor(
        /HARAKIRI ON WORKER (\d) \(pid: (\d+), try: 1, graceful: no\)/,
      );
      assert.match(
        line.input,
        /JavaScript blocked for 1\.\d+ s in: GET \/block\?why \(1\.\d s old\)/,
      );
      assert.match(
        line.input,
        new RegExp(`at /\\S+/app\\.ts:${LINE}:\\d+: while \\(rounds\\.left > 0\\)`),
      );
      assert.match(line.input, /1 request\(s\) in flight; .*RSS \d+ MB; .*syscall> .*wchan>/);
      await server.log.waitFor(new RegExp(`^    at spin \\(/\\S+/app\\.ts:${LINE}:`, 'm'));
      assert.ok(before.includes(Number(line[2])));
      await respawned(server);
      await waitUntil('both workers', () => server.log.matching(/is ready after/).length === 3);
      assert.equal((await requestOnce(server.port, requestFor('/pid'))).status, 200);
      assert.doesNotMatch(server.log.text, /Debugger listening/);
    });
  }

  it('gives requests that were not begun, and idle connections, to a sibling in pool mode', async () => {
    const server = await start('--harakiri', '1', '--processes', '2', '--threads', '2');
    const { one, two, pid } = await twoOfOneWorker(server);
    const idle = await connectionToWorker(server, pid);
    const told = join(tempFiles({}), 'told');
    await one.send(requestFor(`/block-told?${told}`));
    await waitUntil('JavaScript to block', () => existsSync(told));
    await two.send(requestFor('/pid'));
    const [blocked, moved] = await Promise.all([one.readResponse(), two.readResponse()]);
    assert.equal(blocked.status, 504);
    assert.equal(moved.status, 200);
    assert.notEqual(moved.text, pid);
    assert.notEqual(await ask(idle, '/pid'), pid);
    assert.notEqual(await ask(one, '/pid'), pid);
    assert.notEqual(await ask(two, '/pid'), pid);
    const line = await server.log.waitFor(/HARAKIRI ON WORKER/);
    assert.match(
      line.input,
      /beside it: GET \/pid \(waiting, .*its I\/O threads have answered them/,
    );
  });

  it('answers 503 for requests that were not begun where there is no sibling', async () => {
    const server = await start('--harakiri', '1', '--threads', '2');
    const one = await connectionTo(server);
    const two = await connectionTo(server);
    const told = join(tempFiles({}), 'told');
    await one.socket.send(requestFor(`/block-told?${told}`));
    await waitUntil('JavaScript to block', () => existsSync(told));
    await two.socket.send(requestFor('/pid'));
    const waiting = await two.socket.readResponse();
    assert.deepEqual([waiting.status, waiting.header('retry-after')], [503, '1']);
    assert.notEqual(await ask(two.socket, '/pid'), two.pid);
  });

  it('knows the limits that requests have asked for, also where JavaScript is blocked', async () => {
    const server = await start('--harakiri', '1', '--processes', '2', '--threads', '2');
    const { one, two } = await twoOfOneWorker(server);
    const [asked, told] = [join(tempFiles({}), 'asked'), join(tempFiles({}), 'told')];
    await two.send(requestFor(`/ask-and-hang?${asked}`));
    await waitUntil('the request to ask', () => existsSync(asked));
    await one.send(requestFor(`/block-told?${told}`));
    const [blocked, other] = await Promise.all([one.readResponse(), two.readResponse()]);
    assert.deepEqual([blocked.status, other.status], [504, 502]);
  });

  it('says so where the code that blocks belongs to no call, and shows it all the same', async () => {
    const server = await start('--harakiri', '1', '--log-format', 'json');
    const socket = await RawSocket.connect(server.port);
    await socket.send(requestFor('/block-later'));
    const line = await server.log.waitFor(/"event":"harakiri"/);
    const record = JSON.parse(line.input) as Record<string, unknown>;
    assert.match(String(record.msg), /behind an await/);
    assert.match(String(record.at), new RegExp(`/app\\.ts:${LINE}:\\d+$`));
    assert.match(String(record.stack), /^at spin \(/);
    assert.deepEqual([record.reason, record.worker, record.inFlight], ['blocked', 1, 1]);
    const [request] = record.requests as Record<string, unknown>[];
    assert.deepEqual([request?.method, request?.uri], ['GET', '/block-later']);
    assert.ok(Number(record.residentBytes) > 1e7);
  });

  it('says what the kernel shows of a worker that is in a system call', async () => {
    const server = await start('--harakiri', '1', '--master', '--harakiri-stack', '0.3');
    const socket = await RawSocket.connect(server.port);
    await socket.send(requestFor('/child'));
    const line = await server.log.waitFor(/HARAKIRI ON WORKER/);
    assert.match(
      line.input,
      /in: GET \/child .*no JavaScript stack: .*in native code or in a system call.*syscall> \S+/,
    );
    await respawned(server);
  });

  it('leaves the inspector closed where nobody wants the stack', async () => {
    const server = await start('--harakiri', '1', '--master', '--harakiri-stack', '0');
    const socket = await RawSocket.connect(server.port);
    await socket.send(requestFor('/block'));
    const line = await server.log.waitFor(/HARAKIRI ON WORKER/);
    assert.match(line.input, /no JavaScript stack: --harakiri-stack is 0/);
    await respawned(server);
    assert.doesNotMatch(server.log.text, /Debugger/);
  });

  it('kills a worker that somebody has stopped, and says that', async () => {
    const server = await start('--harakiri', '1', '--processes', '2');
    const { socket, pid } = await connectionTo(server);
    process.kill(Number(pid), 'SIGSTOP');
    await socket.send(requestFor('/pid'));
    const line = await server.log.waitFor(/HARAKIRI ON WORKER/);
    assert.match(line.input, /the process is stopped \(SIGSTOP, or a debugger\)/);
    assert.doesNotMatch(line.input, /no JavaScript stack/);
    await respawned(server);
    assert.notEqual((await get(server.port, '/pid')).text, pid);
  });

  it('is not what ends a worker that takes too long to boot', async () => {
    const slow = tempFiles({
      'app.ts': 'while (process.pid > 0);\nexport const application = 1;\n',
    });
    const args = [
      '--wsgi-file',
      `${slow}/app.ts`,
      '--master',
      '--harakiri',
      '1',
      '--boot-timeout',
      '2',
    ];
    const server = await startServer(args, { waitForReady: false });
    await server.log.waitFor(/worker 1 .* is killed \(not ready within --boot-timeout \(2 s\)\)/);
    assert.doesNotMatch(server.log.text, /HARAKIRI/);
  });
});
