import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { onCleanup } from '../../helpers/cleanup.js';
import { RawSocket, requestOnce } from '../../helpers/raw-socket.js';
import { withResolvers } from '../../helpers/wait-until.js';

/** A peer that sends the given bytes to whoever connects; `serve` sees the socket first. */
async function peer(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  const { promise, resolve } = withResolvers<number>();
  server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  onCleanup(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return promise;
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('raw socket helper', () => {
  it('reads pipelined responses of every framing in order', async () => {
    const port = await peer((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n');
      socket.write(
        'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: 1\r\nx-a: 2\r\n\r\nabcHTTP/1.1 204 No',
      );
      socket.write(' Content\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      socket.write('3;ext=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: v\r\n\r\n');
      socket.end('HTTP/1.0 404 Not Found\r\n\r\nuntil the end');
    });
    const socket = await RawSocket.connect(port);
    await socket.send(GET);
    const [first, second, third, fourth] = await socket.readResponses(4);
    assert.equal(first?.text, 'abc');
    assert.equal(first.header('X-a'), '1, 2');
    assert.equal(second?.framing, 'none');
    assert.equal(third?.text, 'abc0123456789');
    assert.deepEqual(third.trailers, [['T', 'v']]);
    assert.equal(fourth?.status, 404);
    assert.equal(fourth.text, 'until the end');
    assert.equal(await socket.waitForEnding(), 'end');
  });

  it('returns interim responses where asked', async () => {
    const port = await peer((socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'));
    const socket = await RawSocket.connect(port);
    assert.equal((await socket.readResponse({ interim: 'return' })).status, 100);
  });

  it('knows that a response to HEAD has no body', async () => {
    const port = await peer((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'),
    );
    const response = await requestOnce(port, 'HEAD / HTTP/1.1\r\n\r\n', { method: 'HEAD' });
    assert.equal(response.body.length, 0);
  });

  for (const [what, bytes] of [
    ['a header line without a colon', 'HTTP/1.1 200 OK\r\nbroken\r\n\r\n'],
    ['two framings', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na'],
    [
      'a chunk longer than its size',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabcd',
    ],
    ['no status line', 'hello\r\n'],
    ['a body that is cut', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const port = await peer((socket) => socket.end(bytes));
      await assert.rejects(requestOnce(port, GET));
    });
  }

  it('tells a reset from a close', async () => {
    const port = await peer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const socket = await RawSocket.connect(port);
    await socket.send(GET);
    assert.equal(await socket.waitForEnding(), 'reset');
    await assert.rejects(socket.readToEnd(), /reset/);
  });

  it('half-closes and goes on reading', async () => {
    const port = await peer((socket) => {
      socket.once('end', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
      socket.resume();
    });
    const socket = await RawSocket.connect(port);
    await socket.sendByteByByte(GET);
    socket.halfClose();
    assert.equal((await socket.readResponse()).text, 'ok');
  });

  it('fails when nothing comes within its limit', async () => {
    const port = await peer(() => undefined);
    await assert.rejects(requestOnce(port, GET, { limitMs: 30 }), /waited 30 ms for a status line/);
  });
});
