import assert from 'node:assert/strict';
import { describeModes, get, head } from './wire-server.js';

const EXPECT = 'Expect: 100-continue';
const interim = { interim: 'return' } as const;

describeModes('Expect: 100-continue', ['--limit-post', '1000'], (wire) => {
  it('is answered before the body is read', async () => {
    const socket = await wire().connect();
    await socket.send(head('POST', '/echo', 'Content-Length: 5', EXPECT));
    assert.equal((await socket.readResponse(interim)).status, 100);
    await socket.send('hello');
    assert.equal((await socket.readResponse(interim)).text, 'hello');
  });

  it('is answered for a chunked body', async () => {
    const socket = await wire().connect();
    await socket.send(head('POST', '/echo', 'Transfer-Encoding: chunked', EXPECT));
    assert.equal((await socket.readResponse(interim)).status, 100);
    await socket.send('5\r\nhello\r\n0\r\n\r\n');
    assert.equal((await socket.readResponse(interim)).text, 'hello');
  });

  it('is not answered when the body is there already', async () => {
    const socket = await wire().connect();
    await socket.send(`${head('POST', '/echo', 'Content-Length: 5', EXPECT)}hello`);
    assert.equal((await socket.readResponse(interim)).status, 200);
  });

  it('is not answered when there is no body', async () => {
    const socket = await wire().connect();
    for (const request of [
      get('/hello', EXPECT),
      head('POST', '/hello', 'Content-Length: 0', EXPECT),
    ]) {
      await socket.send(request);
      assert.equal((await socket.readResponse(interim)).status, 200);
    }
  });

  it('is not answered when the request is refused', async () => {
    const refused = [
      [413, head('POST', '/echo', 'Content-Length: 1001', EXPECT)],
      [400, head('POST', '/echo', 'Content-Length: 5', 'Content-Length: 6', EXPECT)],
      [400, head('POST', '/echo', 'Content-Length: 5', 'Bad Name: x', EXPECT)],
    ] as const;
    for (const [status, request] of refused) {
      const socket = await wire().connect();
      await socket.send(request);
      assert.equal((await socket.readResponse(interim)).status, status);
      assert.equal(await socket.waitForEnding(), 'end');
    }
  });

  it('is not answered to HTTP/1.0', async () => {
    const socket = await wire().connect();
    await socket.send(`POST /echo HTTP/1.0\r\nContent-Length: 5\r\n${EXPECT}\r\n\r\nhello`);
    const response = await socket.readResponse(interim);
    assert.equal(response.status, 200);
    assert.equal(response.text, 'hello');
  });

  it('waits for its turn in a pipeline', async () => {
    const socket = await wire().connect();
    await socket.send(get('/wait/expect') + head('POST', '/echo', 'Content-Length: 5', EXPECT));
    await wire().event(/^started expect$/);
    assert.equal(socket.unread.length, 0, 'an interim answer must not overtake the first');
    await wire().get('/release/expect');
    assert.equal((await socket.readResponse(interim)).text, 'expect');
    assert.equal((await socket.readResponse(interim)).status, 100);
    await socket.send('hello');
    assert.equal((await socket.readResponse(interim)).text, 'hello');
  });
});
