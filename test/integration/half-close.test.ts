import assert from 'node:assert/strict';
import { describeModes, get, head, post } from './wire-server.js';

// No timeout comes to help within the limit of a wait.
const ARGS = ['--keepalive-timeout', '600', '--header-timeout', '600', '--body-timeout', '600'];

describeModes('half-closed clients', ARGS, (wire) => {
  it('get the answer, then the connection closes', async () => {
    const socket = await wire().connect();
    await socket.send(post('/echo', 'last words'));
    socket.halfClose();
    assert.equal((await socket.readResponse()).text, 'last words');
    assert.equal(await socket.waitForEnding(), 'end');
  });

  it('get an answer that takes its time', async () => {
    const socket = await wire().connect();
    await socket.send(get('/wait/half') + get('/behind'));
    socket.halfClose();
    await wire().event(/^started half$/);
    await wire().get('/release/half');
    const texts = (await socket.readResponses(2)).map(({ text }) => text);
    assert.deepEqual(texts, ['half', 'behind']);
    assert.equal(await socket.waitForEnding(), 'end');
  });

  it('get requests answered that waited for an unsafe one', async () => {
    const socket = await wire().connect();
    await socket.send(post('/wait/half-post', '') + post('/echo', 'second') + get('/third'));
    socket.halfClose();
    await wire().event(/^started half-post$/);
    await wire().get('/release/half-post');
    const texts = (await socket.readResponses(3)).map(({ text }) => text);
    assert.deepEqual(texts, ['half-post', 'second', 'third']);
    assert.equal(await socket.waitForEnding(), 'end');
  });

  it('get a large answer whole', async () => {
    const socket = await wire().connect();
    await socket.send(get('/big/10000000'));
    socket.halfClose();
    assert.equal((await socket.readResponse()).body.length, 10_000_000);
    assert.equal(await socket.waitForEnding(), 'end');
  });

  it('get a streamed answer whole', async () => {
    const socket = await wire().connect();
    await socket.send(get('/pieces/100'));
    socket.halfClose();
    assert.equal((await socket.readResponse()).body.length, 100 * 65_536);
    assert.equal(await socket.waitForEnding(), 'end');
  });

  it('lose an incomplete request without its being run', async () => {
    for (const cut of [
      get('/wait/cut').slice(0, -2),
      `${head('POST', '/wait/cut', 'Content-Length: 9')}x`,
    ]) {
      const socket = await wire().connect();
      await socket.send(cut);
      socket.halfClose();
      await socket.waitForEnding();
    }
    const { events } = await wire().application();
    assert.ok(!events.includes('started cut'));
  });

  it('are let go when they asked for nothing', async () => {
    const socket = await wire().connect();
    await socket.request(get('/hello'));
    socket.halfClose();
    assert.equal(await socket.waitForEnding(), 'end');
  });
});
