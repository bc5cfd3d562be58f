import assert from 'node:assert/strict';
import { describeModes, get, post } from './wire-server.js';

describeModes('pipelining', [], (wire) => {
  it('answers in order, whatever finishes first', async () => {
    const socket = await wire().connect();
    await socket.send(get('/wait/order-1') + get('/wait/order-2') + get('/third'));
    await wire().event(/^started order-2$/);
    await wire().get('/release/order-2');
    assert.equal(socket.unread.length, 0, 'nothing may overtake the first answer');
    await wire().get('/release/order-1');
    const texts = (await socket.readResponses(3)).map(({ text }) => text);
    assert.deepEqual(texts, ['order-1', 'order-2', 'third']);
  });

  it('runs an unsafe request only when those before it are answered', async () => {
    const socket = await wire().connect();
    await socket.send(get('/wait/unsafe') + post('/wait/unsafe-2', '') + get('/third'));
    await wire().event(/^started unsafe$/);
    const { events } = await wire().application();
    assert.ok(!events.includes('started unsafe-2'));
    await wire().get('/release/unsafe');
    await wire().event(/^started unsafe-2$/);
    await wire().get('/release/unsafe-2');
    const texts = (await socket.readResponses(3)).map(({ text }) => text);
    assert.deepEqual(texts, ['unsafe', 'unsafe-2', 'third']);
  });

  it('answers more requests than it runs at a time', async () => {
    const socket = await wire().connect();
    const paths = Array.from({ length: 1000 }, (_, index) => `n${index}`);
    await socket.send(paths.map((path) => get(`/${path}`)).join(''));
    const texts = (await socket.readResponses(paths.length)).map(({ text }) => text);
    assert.deepEqual(texts, paths);
  });

  it('mixes bodies, large answers and small ones', async () => {
    const socket = await wire().connect();
    await socket.send(
      [
        post('/echo', 'one'),
        get('/big/3000000'),
        post('/length', 'x'.repeat(200_000)),
        get('/end'),
      ].join(''),
    );
    const [one, big, length, end] = await socket.readResponses(4);
    assert.equal(one?.text, 'one');
    assert.equal(big?.body.length, 3_000_000);
    assert.equal(length?.text, '200000');
    assert.equal(end?.text, 'end');
  });

  it('runs nothing behind a request that closes', async () => {
    const socket = await wire().connect();
    await socket.send(get('/wait/closing', 'Connection: close') + get('/wait/behind-closing'));
    await wire().event(/^started closing$/);
    await wire().get('/release/closing');
    assert.equal((await socket.readResponse()).text, 'closing');
    assert.equal((await socket.readToEnd()).length, 0);
    const { events } = await wire().application();
    assert.ok(!events.includes('started behind-closing'));
  });

  it('answers what came before a malformed request, then refuses that', async () => {
    const socket = await wire().connect();
    await socket.send(`${get('/wait/before-bad')}BAD\r\n\r\n${get('/never')}`);
    await wire().event(/^started before-bad$/);
    await wire().get('/release/before-bad');
    const [first, second] = await socket.readResponses(2);
    assert.equal(first?.text, 'before-bad');
    assert.equal(second?.status, 400);
    assert.equal((await socket.readToEnd()).length, 0);
  });
});
