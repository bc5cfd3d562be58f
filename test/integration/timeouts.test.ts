import assert from 'node:assert/strict';
import { onCleanup } from '../helpers/cleanup.js';
import type { RawSocket } from '../helpers/raw-socket.js';
import { describeModes, get, head, post } from './wire-server.js';

const TIMES = [
  ['--header-timeout', '0.5'],
  ['--body-timeout', '0.5'],
  ['--send-timeout', '0.5'],
  ['--keepalive-timeout', '0.7'],
  ['--min-rate', '1000'],
].flat();

/** Sends a byte now and then until the test is over: progress, but too little of it. */
function trickle(socket: RawSocket, byte: string): void {
  const timer = setInterval(() => void socket.send(byte), 50);
  onCleanup(() => clearInterval(timer));
}

describeModes('timeouts', TIMES, (wire) => {
  const timedOut = async (socket: RawSocket): Promise<void> => {
    const response = await socket.readResponse();
    assert.equal(response.status, 408);
    assert.equal(response.header('connection'), 'close');
    assert.equal(await socket.waitForEnding(), 'end');
  };

  it('a head that stops gets 408', async () => {
    for (const start of ['G', 'GET / HTTP/1.1\r\n', 'GET / HTTP/1.1\r\nHost: a.test\r\n\r']) {
      const socket = await wire().connect();
      await socket.send(start);
      await timedOut(socket);
    }
  });

  it('a head that trickles gets 408', async () => {
    const socket = await wire().connect();
    await socket.send('GET / HTTP/1.1\r\nX-Slow: ');
    trickle(socket, 'v');
    await timedOut(socket);
  });

  it('the head of a later request is limited as well', async () => {
    const socket = await wire().connect();
    await socket.request(get('/hello'));
    await socket.send('GET /second HT');
    await timedOut(socket);
  });

  it('a connection that sends nothing is closed without a word', async () => {
    const socket = await wire().connect();
    assert.equal((await socket.readToEnd()).length, 0);
  });

  it('an idle connection is closed without a word', async () => {
    const socket = await wire().connect();
    assert.equal((await socket.request(get('/hello'))).text, 'hello');
    assert.equal((await socket.readToEnd()).length, 0);
  });

  it('a body that stops gets 408', async () => {
    const starts = [
      `${head('POST', '/echo', 'Content-Length: 10')}half`,
      head('POST', '/echo', 'Content-Length: 10'),
      `${head('POST', '/echo', 'Transfer-Encoding: chunked')}5\r\nhel`,
    ];
    for (const start of starts) {
      const socket = await wire().connect();
      await socket.send(start);
      await timedOut(socket);
    }
  });

  it('a body that is slower than the minimum rate gets 408', async () => {
    const socket = await wire().connect();
    await socket.send(head('POST', '/echo', 'Content-Length: 100000'));
    trickle(socket, 'b');
    await timedOut(socket);
  });

  it('a body at more than the minimum rate may take longer than the timeout', async () => {
    const socket = await wire().connect();
    await socket.send(head('POST', '/length', 'Content-Length: 15000'));
    let sent = 0;
    const timer = setInterval(() => {
      void socket.send('b'.repeat(500));
      sent += 500;
      if (sent === 15_000) clearInterval(timer);
    }, 50);
    onCleanup(() => clearInterval(timer));
    assert.equal((await socket.readResponse()).text, '15000');
  });

  it('a client that does not read is cut, and the application is told', async () => {
    const socket = await wire().connect();
    socket.pause();
    await socket.send(get('/pieces/10000'));
    await wire().event(/^pieces closed after/);
    socket.resume();
    await socket.waitForEnding();
    assert.ok(socket.unread.length < 10_000 * 65_536);
  });

  it('a client that does not read a large answer is cut', async () => {
    const socket = await wire().connect();
    socket.pause();
    await socket.send(get('/big/100000000'));
    // What the kernel takes at first counts as progress, so that two spans of the limit may pass.
    await idle(wire().connect());
    await idle(wire().connect());
    socket.resume();
    await socket.waitForEnding();
    assert.ok(socket.unread.length < 100_000_000);
  });

  it('an application may take longer than all of them', async () => {
    const socket = await wire().connect();
    await socket.send(post('/wait/long', ''));
    await idle(wire().connect());
    await idle(wire().connect());
    await wire().get('/release/long');
    assert.equal((await socket.readResponse()).text, 'long');
  });
});

/** Lasts as long as the server lets a connection be idle: longer than every limit of this file. */
async function idle(connection: Promise<RawSocket>): Promise<void> {
  const socket = await connection;
  await socket.request(get('/idle'));
  await socket.waitForEnding();
}
