import assert from 'node:assert/strict';
import type { RawSocket } from '../helpers/raw-socket.js';
import { startServer, testApp } from '../helpers/server.js';
import { describeModes, get, head, MODES, post, startWire, WireServer } from './wire-server.js';

const SIZES = [
  '--buffer-size',
  '4096',
  '--limit-target',
  '1000',
  '--limit-headers',
  '20',
  '--limit-post',
  '2000',
];

describeModes('size limits', SIZES, (wire) => {
  const refused = async (status: number, request: string): Promise<void> => {
    const socket = await wire().connect();
    const response = await socket.request(request);
    assert.equal(response.status, status);
    assert.equal(response.header('connection'), 'close');
    assert.equal(await socket.waitForEnding(), 'end');
  };
  const taken = async (request: string): Promise<void> => {
    const socket = await wire().connect();
    assert.equal((await socket.request(request)).status, 200);
    assert.equal((await socket.request(get('/next'))).status, 200);
  };

  it('take a target of the limit and refuse a longer one with 414', async () => {
    await taken(get(`/${'a'.repeat(999)}`));
    await refused(414, get(`/${'a'.repeat(1000)}`));
    await refused(414, get(`/?${'a'.repeat(1000)}`));
    await refused(414, `GET /${'a'.repeat(5000)}`);
  });

  it('take a head of the limit and refuse a longer one with 431', async () => {
    const frame = get('/h', 'X-A: ').length;
    await taken(get('/h', `X-A: ${'v'.repeat(4096 - frame)}`));
    await refused(431, get('/h', `X-A: ${'v'.repeat(4097 - frame)}`));
    await refused(431, `GET /h HTTP/1.1\r\nHost: a.test\r\nX-A: ${'v'.repeat(9000)}`);
    await refused(431, `GET /h HTTP/1.1\r\n${'N'.repeat(9000)}`);
  });

  it('take as many fields as the limit and refuse more with 431', async () => {
    const fields = (count: number): string[] =>
      Array.from({ length: count }, (_, index) => `X-${index}: v`);
    await taken(get('/h', ...fields(19)));
    await refused(431, get('/h', ...fields(20)));
  });

  it('take a body of the limit and refuse a longer one with 413', async () => {
    await taken(post('/length', 'b'.repeat(2000)));
    await refused(413, post('/length', 'b'.repeat(2001)));
    await refused(413, head('POST', '/length', 'Content-Length: 999999999999999'));
  });

  it('hold for a chunked body as it grows', async () => {
    const chunked = head('POST', '/length', 'Transfer-Encoding: chunked');
    const chunk = `64\r\n${'c'.repeat(100)}\r\n`;
    await taken(`${chunked}${chunk.repeat(20)}0\r\n\r\n`);
    await refused(413, `${chunked}${chunk.repeat(20)}1\r\nx\r\n0\r\n\r\n`);
    await refused(413, `${chunked}7d1\r\n`);
  });

  it('let a client that goes on sending read the refusal', async () => {
    await refused(413, post('/length', 'b'.repeat(3_000_000)));
    await refused(414, `GET /${'a'.repeat(3_000_000)}`);
  });

  it('apply to the second request of a connection too', async () => {
    const socket = await wire().connect();
    await socket.request(get('/first', 'X-A: v'));
    await socket.request(get('/second', 'X-A: v'));
    const response = await socket.request(get(`/${'a'.repeat(1000)}`, 'X-A: v'));
    assert.equal(response.status, 414);
  });
});

describe('connection limits', () => {
  for (const mode of MODES) {
    it(`make further connections wait (${mode} mode)`, async () => {
      const wire = await startWire(mode, ['--max-connections', '4']);
      const open: RawSocket[] = [];
      // Kernel queues share connections out unevenly: more than the limit is enough for some to wait.
      for (let index = 0; index < 12; index += 1) open.push(await wire.connect());
      await Promise.all(open.map((socket) => socket.send(get('/hello'))));
      const answered = await serveInTurns(open);
      assert.equal(answered, 12);
    });
  }

  it('running out of descriptors pauses accepting and nothing else', async () => {
    const server = await startServer(['--wsgi-file', testApp('wire.ts'), '--disable-logging'], {
      wrapper: ['sh', '-c', 'ulimit -n 64 && exec "$0" "$@"'],
    });
    const wire = new WireServer(server);
    const first = await wire.connect();
    assert.equal((await first.request(get('/hello'))).text, 'hello');
    const crowd: RawSocket[] = [];
    for (let index = 0; index < 100; index += 1) crowd.push(await wire.connect());
    await server.log.waitFor(/accepting pauses/);
    assert.equal((await first.request(get('/served'))).text, 'served');
    const last = crowd[crowd.length - 1] as RawSocket;
    await last.send(get('/at-last'));
    for (const socket of crowd.slice(0, 80)) socket.close();
    assert.equal((await last.readResponse()).text, 'at-last');
  });
});

/** Reads an answer from any socket and closes it, so that the next one gets its place; counts the answers. */
async function serveInTurns(sockets: readonly RawSocket[]): Promise<number> {
  const waiting = new Map(
    sockets.map((socket) => [socket, socket.readResponse().then(() => socket)]),
  );
  let answered = 0;
  while (waiting.size > 0) {
    const socket = await Promise.race(waiting.values());
    waiting.delete(socket);
    socket.close();
    answered += 1;
  }
  return answered;
}
