import assert from 'node:assert/strict';
import { describeModes, get, head, post } from './wire-server.js';

const CHUNKED = head('POST', '/echo', 'Transfer-Encoding: chunked');
/** Extensions of every form, and trailers. */
const CHUNKS = '5;a=b\r\nhello\r\n1;q="x;y"\r\n \r\n5\r\nworld\r\n0;last\r\nX-Checksum: 1\r\n\r\n';

describeModes('HTTP/1.1 on the wire', [], (wire) => {
  const environ = async (request: string): Promise<Record<string, string>> => {
    const socket = await wire().connect();
    const response = await socket.request(request);
    assert.equal(response.status, 200);
    return JSON.parse(response.text) as Record<string, string>;
  };

  it('keeps a connection for many requests', async () => {
    const socket = await wire().connect();
    for (let index = 0; index < 200; index += 1) {
      const response = await socket.request(post('/echo', `body ${index}`));
      assert.equal(response.text, `body ${index}`);
      assert.equal(response.header('connection'), undefined);
    }
  });

  it('closes after an HTTP/1.0 request, and says so', async () => {
    const socket = await wire().connect();
    const response = await socket.request('GET /hello HTTP/1.0\r\n\r\n');
    assert.equal(response.text, 'hello');
    assert.equal(response.header('connection'), 'close');
    assert.equal(await socket.waitForEnding(), 'end');
  });

  it('keeps an HTTP/1.0 connection that asks for it', async () => {
    const socket = await wire().connect();
    for (let index = 0; index < 3; index += 1) {
      const response = await socket.request(
        'GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
      );
      assert.equal(response.text, 'hello');
      assert.equal(response.header('connection'), 'keep-alive');
    }
  });

  it('decodes chunks with extensions and trailers', async () => {
    const socket = await wire().connect();
    assert.equal((await socket.request(CHUNKED + CHUNKS)).text, 'hello world');
    assert.equal((await socket.request(get('/next'))).text, 'next');
  });

  it('takes heads and bodies that arrive byte by byte', async () => {
    const socket = await wire().connect();
    for (const request of [get('/hello'), post('/echo', 'hello'), CHUNKED + CHUNKS]) {
      await socket.sendByteByByte(request);
    }
    const texts = (await socket.readResponses(3)).map(({ text }) => text);
    assert.deepEqual(texts, ['hello', 'hello', 'hello world']);
  });

  it('takes a body that is cut anywhere', async () => {
    const socket = await wire().connect();
    const request = CHUNKED + CHUNKS;
    for (let at = 1; at < request.length; at += 1) {
      await socket.send(request.slice(0, at));
      await socket.send(request.slice(at));
      assert.equal((await socket.readResponse()).text, 'hello world', `cut at ${at}`);
    }
  });

  it('reads the absolute form: the target names the host', async () => {
    const lines = ['Host: other.test', 'X-A: v', '', ''].join('\r\n');
    for (let index = 0; index < 4; index += 1) {
      const seen = await environ(`GET http://a.test:81/environ?q=1 HTTP/1.1\r\n${lines}`);
      assert.equal(seen['HTTP_HOST'], 'a.test:81');
      assert.equal(seen['PATH_INFO'], '/environ');
      assert.equal(seen['QUERY_STRING'], 'q=1');
      // The same header section in origin form must not inherit it.
      assert.equal((await environ(`GET /environ HTTP/1.1\r\n${lines}`))['HTTP_HOST'], 'other.test');
    }
  });

  it('reads the asterisk form', async () => {
    const socket = await wire().connect();
    const response = await socket.request(head('OPTIONS', '*'));
    assert.equal(response.status, 200);
    assert.equal((await socket.request(get('/next'))).text, 'next');
  });

  it('gives repeated header sections the environ of their own request line', async () => {
    const socket = await wire().connect();
    for (let index = 0; index < 20; index += 1) {
      const response = await socket.request(get(`/environ?n=${index}`, 'X-Same: every time'));
      const seen = JSON.parse(response.text) as Record<string, string>;
      assert.equal(seen['QUERY_STRING'], `n=${index}`);
      assert.equal(seen['REQUEST_URI'], `/environ?n=${index}`);
      assert.equal(seen['HTTP_X_SAME'], 'every time');
    }
  });

  it('keeps what could pretend to be another variable out of the environ', async () => {
    const seen = await environ(
      get(
        '/environ',
        'Proxy: http://evil.test',
        'X_Real: under',
        'X-Real: dash',
        'Content_Length: 5',
      ),
    );
    assert.equal(seen['HTTP_PROXY'], undefined);
    assert.equal(seen['HTTP_X_REAL'], 'dash');
    assert.equal(seen['HTTP_CONTENT_LENGTH'], undefined);
  });

  it('answers HEAD with the head of the answer to GET', async () => {
    const socket = await wire().connect();
    const got = await socket.request(get('/hello'));
    const headed = await socket.request(head('HEAD', '/hello'), { method: 'HEAD' });
    assert.equal(headed.header('content-length'), got.header('content-length'));
    assert.equal(headed.header('content-type'), got.header('content-type'));
    assert.equal((await socket.request(get('/next'))).text, 'next');
  });

  it('sends the head that the application gave, however long the body takes', async () => {
    const others = await wire().connect();
    const name = async (path: string): Promise<string | undefined> =>
      (await others.request(get(path))).header('x-name');
    await name('/head/aaaa');
    await name('/head/aaaa');
    const socket = await wire().connect();
    await socket.send(get('/held/aaaa'));
    await wire().event(/^started aaaa$/);
    for (let index = 0; index < 4; index += 1) assert.equal(await name('/head/bbbb'), 'bbbb');
    await wire().get('/release/aaaa');
    assert.equal((await socket.readResponse()).header('x-name'), 'aaaa');
  });

  it('sends a large answer whole', async () => {
    const socket = await wire().connect();
    const response = await socket.request(get('/big/20000000'));
    assert.equal(response.body.length, 20_000_000);
    assert.ok(response.body.every((byte) => byte === 0x62));
  });

  it('tells the application that a client left', async () => {
    const socket = await wire().connect();
    await socket.send(get('/until-abort'));
    await wire().event(/^started until-abort$/);
    socket.reset();
    await wire().event(/^aborted for client-gone$/);
  });
});
