import assert from 'node:assert/strict';
import { get, requestText } from '../helpers/get.js';
import { RawSocket, requestOnce } from '../helpers/raw-socket.js';
import { startServer, type Server } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';
import { MODES, startGateway, textOf } from './gateway-server.js';

for (const [mode, args] of MODES) {
  describe(`errors of the application (${mode})`, () => {
    let server: Server;

    before(async () => {
      server = await startGateway(args);
      server.allowAlert(/on purpose|Content-Length|X-Bad|response head/);
    });
    after(() => server.stop());

    const failures: readonly (readonly [path: string, record: RegExp])[] = [
      ['/throw', /application error: GET \/throw: Error: thrown on purpose/],
      ['/reject', /application error: GET \/reject: Error: rejected on purpose/],
      [
        '/header',
        /application error: GET \/header: GatewayError: the value of X-Bad has control characters/,
      ],
      [
        '/length/5',
        /application error: GET \/length\/5: GatewayError: Content-Length is 5, but the body has 4 bytes/,
      ],
    ];
    for (const [path, record] of failures) {
      it(`are a 500 that says nothing and a record with the stack: ${path}`, async () => {
        const from = server.log.lines.length;
        const socket = await RawSocket.connect(server.port);
        const response = await socket.request(`GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`);
        assert.equal(response.status, 500);
        assert.equal(response.text, 'Internal Server Error\n');
        assert.equal(response.header('set-cookie'), undefined);
        await server.log.waitFor(record, undefined, from);
        await server.log.waitFor(/^ +at .*gateway\.ts|^ +(Gateway)?Error/, undefined, from);
        assert.equal(
          (await socket.request(requestText('GET', '/pid'))).status,
          200,
          'the connection goes on',
        );
      });
    }

    it('that are heads too large to be sent are no other answer’s head, however often they come', async () => {
      for (let i = 0; i < 3; i++) assert.equal(await textOf(server, '/secret'), 'own');
      for (let i = 0; i < 4; i++) {
        const from = server.log.lines.length;
        const response = await get(server.port, '/large/600000');
        assert.equal(response.status, 500);
        assert.equal(response.header('x-a'), undefined);
        await server.log.waitFor(
          /GatewayError: the response head has 6000\d+ bytes/,
          undefined,
          from,
        );
      }
    });

    it('do not begin with large heads that can be sent: their bodies are whole', async () => {
      for (let i = 0; i < 4; i++) {
        const response = await get(server.port, '/large/400000');
        assert.equal(response.status, 200);
        assert.equal(response.header('x-a')?.length, 400_000);
        assert.equal(response.body.length, 10_000);
      }
    });

    it('cut the connection after the first byte', async () => {
      for (const [path, record] of [
        ['/late', /Error: late on purpose/],
        ['/short/5', /Content-Length is 5, but the body has 4 bytes/],
      ] as const) {
        const from = server.log.lines.length;
        await assert.rejects(requestOnce(server.port, requestText('GET', path)), {
          name: 'ConnectionEndedError',
        });
        await server.log.waitFor(record, undefined, from);
      }
    });

    it('leave other connections and the worker alone', async () => {
      const pid = await textOf(server, '/pid');
      await Promise.all(Array.from({ length: 20 }, () => get(server.port, '/throw')));
      assert.equal(await textOf(server, '/pid'), pid);
    });

    it('outside of requests are records: a forgotten rejection, and without a master an uncaught exception', async () => {
      const pid = await textOf(server, '/pid');
      assert.equal(await textOf(server, '/unhandled-rejection'), 'x');
      await server.log.waitFor(/unhandled promise rejection: Error: forgotten on purpose/);
      assert.equal(await textOf(server, '/timer-throws'), 'x');
      await server.log.waitFor(/uncaught exception: Error: uncaught on purpose/);
      assert.equal(await textOf(server, '/pid'), pid);
    });
  });
}

describe('an uncaught exception under a master', () => {
  it('replaces the worker, which finishes what runs', async () => {
    const server = await startGateway(['--master', '--respawn-delay', '0.01']);
    server.allowAlert(/on purpose|died|respawn/i);
    const first = await textOf(server, '/pid');
    const waiting = await RawSocket.connect(server.port);
    await waiting.send(requestText('POST', '/hash', ['Content-Length: 3']) + 'ab');
    assert.equal(await textOf(server, '/timer-throws'), 'x');
    await server.log.waitFor(/uncaught exception: Error: uncaught on purpose/);
    await waiting.send('c');
    const answered = await waiting.readResponse();
    assert.equal(answered.status, 200);
    assert.notEqual(await textOf(server, '/pid'), first);
  });
});

/** Ways to let an abort fall: nobody listens for errors, nothing catches them. */
const CARELESS = `import { spawn } from 'node:child_process';
import { PassThrough, Readable } from 'node:stream';
const state = { begun: 0, aborted: 0 };
const ways = {
  data: (input) => input.toReadable().on('data', () => undefined),
  pipe: (input) => input.toReadable().pipe(new PassThrough()).resume(),
  from: (input) => Readable.from(input).resume(),
  web: (input) => Readable.fromWeb(Readable.toWeb(input.toReadable())).resume(),
  spawn: (input, signal) => spawn('sleep', ['60'], { signal }),
  listener: (input, signal) => signal.addEventListener('abort', () => signal.throwIfAborted()),
  forgotten: async (input) => { for await (const piece of input); },
};
export function application(environ, startResponse) {
  const [, name] = environ.PATH_INFO.split('/');
  if (name === 'state') {
    startResponse('200 OK', []);
    return JSON.stringify({ ...state, pid: process.pid });
  }
  const signal = environ['tsuwsgi.signal'];
  signal.addEventListener('abort', () => { state.aborted += 1; });
  ways[name](environ['wsgi.input'], signal);
  state.begun += 1;
  return new Promise(() => undefined);
}`;

for (const [mode, args] of MODES) {
  describe(`clients that break off their uploads (${mode})`, () => {
    interface State {
      readonly begun: number;
      readonly aborted: number;
      readonly pid: number;
    }

    it('cost no worker, whatever the application does with the body and its signal', async () => {
      const directory = tempFiles({ 'app.mjs': CARELESS });
      const command = ['--master', '--post-buffering', '0', '--wsgi-file', 'app.mjs', ...args];
      const server = await startServer(command, { cwd: directory });
      const until = (what: string, reached: (state: State) => boolean): Promise<State> =>
        waitUntil(what, async () => {
          const state = JSON.parse(await textOf(server, '/state')) as State;
          return reached(state) ? state : undefined;
        });
      const { pid } = await until('the first answer', () => true);
      const ways = ['data', 'pipe', 'from', 'web', 'spawn', 'listener', 'forgotten'];
      for (const [index, way] of ways.entries()) {
        const client = await RawSocket.connect(server.port);
        await client.send(requestText('POST', `/${way}`, ['Content-Length: 100000']) + 'first');
        await until(`${way} to begin`, ({ begun }) => begun === index + 1);
        client.reset();
        const state = await until(`${way} to be aborted`, ({ aborted }) => aborted === index + 1);
        assert.equal(state.pid, pid, way);
      }
      await server.stop();
      assert.equal(server.log.matching(/leaves|died/).length, 0, server.log.text);
      assert.ok(server.log.matching(/uncaught exception: RequestAbortedError/).length > 0);
    });
  });
}

describe('an application with its own error listeners', () => {
  it('keeps the decision', async () => {
    const directory = tempFiles({
      'app.mjs': `process.on('uncaughtException', (error) => console.error('mine: ' + error.message));
export function application(environ, startResponse) {
  setImmediate(() => { throw new Error('for the application'); });
  startResponse('200 OK', []);
  return 'x';
}`,
    });
    const server = await startServer(['--wsgi-file', 'app.mjs'], { cwd: directory });
    await get(server.port, '/');
    await server.log.waitFor(/^mine: for the application$/);
    assert.equal(server.log.matching(/uncaught exception/).length, 0);
  });
});
