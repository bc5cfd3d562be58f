import assert from 'node:assert/strict';
import { get } from '../helpers/get.js';
import { RawSocket, requestOnce } from '../helpers/raw-socket.js';
import { startServer } from '../helpers/server.js';
import { brokenApp } from '../helpers/supervised-apps.js';
import { waitUntil } from '../helpers/wait-until.js';

const APP = `
let aborted = 'no';
const paths = {
  '/pid': () => String(process.pid),
  '/aborted': () => aborted,
  '/never': (environ) => new Promise(() => {
    environ['tsuwsgi.signal'].addEventListener('abort', (event) => { aborted = event.target.reason.reason; });
  }),
  '/stream': (environ, startResponse) => {
    startResponse('200 OK', [['Content-Type', 'text/plain']])('begun');
    return new Promise(() => {});
  },
  '/block': () => { for (;;); },
};
export function application(environ, startResponse) {
  if (environ.PATH_INFO !== '/stream') startResponse('200 OK', []);
  return paths[environ.PATH_INFO](environ, startResponse);
}
`;

const start = (...args: string[]) =>
  startServer(['--wsgi-file', brokenApp(APP).path, '--harakiri', '1', ...args]);

describe('harakiri', () => {
  for (const mode of [[], ['--threads', '2'], ['--no-master']]) {
    it(`answers 504 and aborts the signal, and the worker goes on (${mode.join(' ') || 'loop'})`, async () => {
      const server = await start(...mode);
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
    const server = await start();
    const socket = await RawSocket.connect(server.port);
    await socket.send('GET /stream HTTP/1.1\r\nHost: test\r\n\r\n');
    await server.log.waitFor(/HARAKIRI \*\*\* GET \/stream .*its connection is cut/);
    await assert.rejects(socket.readResponse());
    assert.equal((await get(server.port, '/pid')).status, 200);
  });

  it('kills a worker whose JavaScript is blocked, says in which request, and starts another', async () => {
    const server = await start('--harakiri-verbose', '--processes', '2');
    const before = server.workers().map(({ pid }) => pid);
    const victim = await RawSocket.connect(server.port);
    await victim.send('GET /block?why HTTP/1.1\r\nHost: test\r\n\r\n');
    const line = await server.log.waitFor(
      /HARAKIRI ON WORKER (\d) \(pid: (\d+), try: 1, graceful: no\)/,
    );
    assert.match(line.input, /JavaScript blocked for 1\.\d+ s in: GET \/block\?why/);
    assert.match(line.input, /syscall> .*wchan>/);
    assert.ok(before.includes(Number(line[2])));
    await assert.rejects(victim.readResponse());
    await server.log.waitFor(/Respawned tsuwsgi-native worker/);
    await waitUntil('both workers', () => server.log.matching(/is ready after/).length === 3);
    assert.equal(
      (await requestOnce(server.port, 'GET /pid HTTP/1.1\r\nHost: t\r\n\r\n')).status,
      200,
    );
  });
});
