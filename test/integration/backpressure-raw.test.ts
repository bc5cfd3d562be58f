import assert from 'node:assert/strict';
import { describeModes, get, head, post, startWire } from './wire-server.js';
import { waitUntil } from '../helpers/wait-until.js';

const PIECE = 65_536;
/** What the kernel holds for both ends of a loopback connection, generously, and the server's own queue. */
const MAX_AHEAD = 400;

describeModes('backpressure', [], (wire) => {
  it('stops a generator whose client does not read, and goes on when it does', async () => {
    const before = (await wire().application()).produced;
    const socket = await wire().connect(20_000);
    socket.pause();
    await socket.send(get('/pieces/2000'));
    const made = (await standstill(before)) - before;
    assert.ok(made < MAX_AHEAD, `${made} pieces were made for nobody`);
    socket.resume();
    assert.equal((await socket.readResponse()).body.length, 2000 * PIECE);
  });

  it('begins nothing more for a client that asks and does not read, and goes on when it does', async () => {
    const requests = 1000;
    const before = (await wire().application()).produced;
    const socket = await wire().connect(20_000);
    socket.pause();
    await socket.send(get(`/big/${PIECE}`).repeat(requests));
    const made = (await standstill(before)) - before;
    assert.ok(made < MAX_AHEAD, `${made} answers were made for nobody`);
    socket.resume();
    const sizes = (await socket.readResponses(requests)).map(({ body }) => body.length);
    assert.deepEqual(new Set(sizes), new Set([PIECE]));
    assert.equal((await wire().application()).produced, before + requests);
  });

  /** How many were produced when no more are. */
  async function standstill(before: number): Promise<number> {
    let last = -1;
    await waitUntil('the application to stand still', async () => {
      const { produced } = await wire().application();
      const still = produced === last && produced > before;
      last = produced;
      return still;
    });
    return last;
  }

  it('closes the generator of a client that leaves', async () => {
    const socket = await wire().connect();
    socket.pause();
    await socket.send(get('/pieces/100000'));
    await waitUntil('pieces', async () => (await wire().application()).produced > 0);
    socket.reset();
    await wire().event(/^pieces closed after [1-9]\d*$/);
  });

  it('does not read on for ever while a request runs', async () => {
    const socket = await wire().connect();
    await socket.send(post('/wait/flood', ''));
    await wire().event(/^started flood$/);
    // Far more than the server may buffer and the kernel holds.
    const flood = socket.send(get('/hello').repeat(1_000_000));
    const blocked = await Promise.race([
      flood.then(() => false),
      wire()
        .get('/hello')
        .then(() => true),
    ]);
    assert.ok(blocked, 'all of it was taken');
    socket.reset();
    await flood;
    await wire().get('/release/flood');
  });
});

describe('pool mode while JavaScript is blocked', () => {
  const BLOCK_MS = 2000;

  it('answers 503 with Retry-After over the pending limit', async () => {
    const wire = await startWire('pool', ['--max-pending', '3', '--retry-after', '7']);
    const blocker = await block(wire);
    const sockets = await Promise.all(Array.from({ length: 12 }, () => wire.connect()));
    const responses = sockets.map((socket) => socket.request(get('/hello')));
    const refused = await Promise.race(
      responses.map(async (response) => {
        const { status } = await response;
        return status;
      }),
    );
    assert.equal(refused, 503);
    assert.equal(blocker.unread.length, 0, 'the 503 has to come while JavaScript is blocked');
    const all = await Promise.all(responses);
    const counts = [200, 503].map(
      (status) => all.filter((response) => response.status === status).length,
    );
    assert.deepEqual(counts, [3, 9]);
    const first = all.find(({ status }) => status === 503);
    assert.equal(first?.header('retry-after'), '7');
    assert.equal((await blocker.readResponse()).text, 'blocked');
  });

  it('times out, refuses and reads other connections', async () => {
    const wire = await startWire('pool', ['--header-timeout', '0.3']);
    const blocker = await block(wire);
    const stopped = await wire.connect();
    await stopped.send('GET / HTTP/1.1\r\n');
    const malformed = await wire.connect();
    assert.equal((await malformed.request('GET / HTTP/1.1\r\nBroken\r\n\r\n')).status, 400);
    const uploading = await wire.connect();
    await uploading.send(head('POST', '/length', 'Content-Length: 300000', 'Expect: 100-continue'));
    assert.equal((await uploading.readResponse({ interim: 'return' })).status, 100);
    await uploading.send('u'.repeat(300_000));
    assert.equal((await stopped.readResponse()).status, 408);
    assert.equal(blocker.unread.length, 0, 'all of this has to happen while JavaScript is blocked');
    assert.equal((await blocker.readResponse()).text, 'blocked');
    assert.equal((await uploading.readResponse()).text, '300000');
  });

  it('keeps answers in order behind a 503', async () => {
    const wire = await startWire('pool', ['--max-pending', '2']);
    const blocker = await block(wire);
    const socket = await wire.connect();
    await socket.send(Array.from({ length: 6 }, (_, index) => get(`/n${index}`)).join(''));
    const responses = await socket.readResponses(6);
    for (const [index, response] of responses.entries()) {
      if (response.status === 200) assert.equal(response.text, `n${index}`);
      else assert.equal(response.status, 503);
    }
    await blocker.readResponse();
  });

  async function block(wire: Awaited<ReturnType<typeof startWire>>) {
    const socket = await wire.connect();
    await socket.send(get(`/block/${BLOCK_MS}`));
    await wire.server.log.waitFor(/blocking for/);
    return socket;
  }
});
