import assert from 'node:assert/strict';
import { BufferBudget } from '../../../src/router/buffer-budget.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { constants, type FakeBody, type FakeRequest, type Operation } from '../worker/fake-core.js';
import { answering, deadAddress, fakeBackend, OK } from './fake-backend.js';
import { routerFor } from './router-harness.js';

function bodyOf(operations: readonly Operation[]): string {
  return Buffer.concat(operations.map(({ body }) => body)).toString('latin1');
}

function names(operations: readonly Operation[]): string {
  return operations.map(({ op }) => op).join(' ');
}

const HANG = (): void => undefined;
const POST_BODY: FakeBody = { kind: 'INLINE', bytes: Buffer.from('hello') };
const POST = {
  method: 'POST',
  headers: [['CONTENT_LENGTH', '5']] as const,
  body: POST_BODY,
};

describe('a routed request', () => {
  it('brings the backend its variables and the client the response', async () => {
    const backend = await fakeBackend(
      answering('HTTP/1.1 201 Made\r\nX-A: b\r\nContent-Length: 3\r\n\r\nabc'),
    );
    const router = routerFor([backend.address], { modifiers: { modifier1: 9, modifier2: 1 } });
    router.request({ ...POST, target: '/a%20b?c', headers: [...POST.headers, ['HTTP_HOST', 'h']] });
    const operations = await router.answer();
    assert.equal(names(operations), 'BEGIN CHUNK END');
    assert.equal(operations[0]?.status, 201);
    assert.equal(operations[0].headText, 'Made\r\nX-A: b\r\n');
    assert.equal(operations[0].declared, 3);
    assert.equal(bodyOf(operations), 'abc');
    const [request] = backend.requests;
    assert.equal(request?.body.toString(), 'hello');
    assert.deepEqual(request.modifiers, [9, 1]);
    const { variables } = request;
    assert.equal(variables['PATH_INFO'], '/a b');
    assert.equal(variables['REMOTE_ADDR'], '192.0.2.1');
    assert.equal(variables['SERVER_NAME'], 'router.example');
    assert.equal(variables['HTTP_X_FORWARDED_HOST'], 'h');
    assert.equal(variables['CONTENT_LENGTH'], '5');
    assert.deepEqual(router.log, []);
    assert.equal(router.running(), 0);
    await waitUntil('the connection to close', () => backend.closed() === 1);
  });

  it('ends with the connection where the backend declares no length', async () => {
    const backend = await fakeBackend(answering('HTTP/1.1 200 OK\r\n\r\nall of it'));
    const router = routerFor([backend.address]);
    router.request();
    const operations = await router.answer();
    assert.equal(operations[0]?.declared, -1);
    assert.equal(bodyOf(operations), 'all of it');
    assert.equal(names(operations), 'BEGIN CHUNK END');
  });

  for (const [what, response, method, declared] of [
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\na body!', 'HEAD', 7],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', 'GET', -1],
    ['304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', 'GET', 9],
  ] as const) {
    it(`has no body for ${what}`, async () => {
      const backend = await fakeBackend(answering(response));
      const router = routerFor([backend.address]);
      router.request({ method });
      const operations = await router.answer();
      assert.equal(names(operations), 'RESPOND');
      assert.equal(operations[0]?.declared, declared);
      assert.equal(bodyOf(operations), '');
      await waitUntil('the connection to close', () => backend.closed() === 1);
      assert.deepEqual(router.log, []);
    });
  }

  it('does not send more than the backend declared', async () => {
    const backend = await fakeBackend(answering(`${OK} and more`));
    const router = routerFor([backend.address]);
    router.request();
    assert.equal(bodyOf(await router.answer()), 'ok');
    assert.equal(router.log.length, 1);
    assert.match(router.log[0]?.message ?? '', /sent more than the 2 bytes/);
  });

  it('closes the client connection where keep-alive is off', async () => {
    const router = routerFor([(await fakeBackend()).address], { closeAlways: true });
    router.request();
    assert.equal((await router.answer())[0]?.flags, constants.opFlag.CLOSE);
  });

  it('sends a streamed body as it comes', async () => {
    const backend = await fakeBackend();
    const router = routerFor([backend.address]);
    router.request({ ...POST, body: { kind: 'STREAM' } });
    await waitUntil('the body to be asked for', () =>
      router.core.of(1).some(({ op }) => op === 'READ_BODY'),
    );
    for (const piece of ['he', 'llo']) router.core.putBody(Buffer.from(piece));
    router.core.putEvent('BODY_END');
    router.core.run();
    await router.answer();
    assert.equal(backend.requests[0]?.body.toString(), 'hello');
  });

  it('needs the length of a streamed body', async () => {
    const backend = await fakeBackend();
    const router = routerFor([backend.address]);
    router.request({ method: 'POST', body: { kind: 'STREAM' } });
    assert.equal((await router.answer())[0]?.status, 411);
    assert.equal(backend.requests.length, 0);
  });

  it('leaves the backend when the client does', async () => {
    const backend = await fakeBackend(HANG);
    const router = routerFor([backend.address]);
    router.request();
    await waitUntil('the request', () => backend.requests.length === 1);
    router.core.putEvent('ABORTED', 1, 1, constants.abortReason.CLIENT);
    router.core.run();
    await waitUntil('the connection to close', () => backend.closed() === 1);
    assert.deepEqual(router.log, []);
    assert.deepEqual(router.core.of(1), []);
    assert.equal(router.pool.take(new Set())?.inFlight, 1);
  });
});

describe('refusals of the router', () => {
  it('answer a WebSocket handshake with 501', async () => {
    const backend = await fakeBackend();
    const router = routerFor([backend.address]);
    router.request({
      headers: [
        ['HTTP_CONNECTION', 'keep-alive, Upgrade'],
        ['HTTP_UPGRADE', 'WebSocket'],
      ],
    });
    assert.equal((await router.answer())[0]?.status, 501);
    assert.equal(backend.requests.length, 0);
    assert.match(router.log[0]?.message ?? '', /^\[http\] 501 .*: GET \/: WebSockets are not/);
    assert.equal(router.log[0]?.fields['event'], 'request-refused');
  });

  it('leave alone what only looks like a WebSocket handshake', async () => {
    const backend = await fakeBackend();
    const router = routerFor([backend.address]);
    const upgrade = ['HTTP_UPGRADE', 'websocket'] as const;
    const connection = ['HTTP_CONNECTION', 'upgrade'] as const;
    const requests: readonly FakeRequest[] = [
      { headers: [upgrade] },
      { headers: [upgrade, ['HTTP_CONNECTION', 'x-upgrade, keep-alive']] },
      { headers: [upgrade, connection], http10: true },
      { headers: [upgrade, connection], method: 'POST' },
    ];
    for (const [index, request] of requests.entries()) {
      router.request({ ...request, slot: index + 1 });
      assert.equal((await router.answer(index + 1))[0]?.status, 200);
    }
    assert.deepEqual(router.log, []);
  });

  it('do not concern other protocols, which nobody has to switch to', async () => {
    const backend = await fakeBackend();
    const router = routerFor([backend.address]);
    router.request({
      headers: [
        ['HTTP_CONNECTION', 'upgrade'],
        ['HTTP_UPGRADE', 'h2c, websockets'],
      ],
    });
    assert.equal((await router.answer())[0]?.status, 200);
    assert.equal(backend.requests[0]?.variables['HTTP_UPGRADE'], undefined);
  });

  it('answer 431 where a backend would not take the packet', async () => {
    const backend = await fakeBackend();
    const router = routerFor([backend.address], { blockBytes: 1000 });
    router.request({ headers: [['HTTP_COOKIE', 'c'.repeat(1000)]] });
    assert.equal((await router.answer())[0]?.status, 431);
    assert.equal(backend.requests.length, 0);
    assert.match(router.log[0]?.message ?? '', /431 .*: GET \/: its variables are more than/);
  });
});

describe('backends that fail', () => {
  const GARBAGE = 'this is no HTTP\r\n\r\n';
  for (const [what, response, reason] of [
    ['closes without a byte', '', /closed the connection without a response/],
    ['closes within the head', 'HTTP/1.1 200 OK\r\nA:', /closed .* within the head/],
    ['talks nonsense', GARBAGE, /status line: "this is no HTTP"/],
    ['sends a bad field', 'HTTP/1.1 200 OK\r\nA b\r\n\r\n', /malformed header line/],
  ] as const) {
    it(`are answered 502 when one ${what}`, async () => {
      const backend = await fakeBackend(answering(response));
      const router = routerFor([backend.address]);
      router.request({ ...POST, target: '/x' });
      const [operation] = await router.answer();
      assert.equal(operation?.status, 502);
      assert.equal(operation.body.toString(), 'Bad Gateway\n');
      assert.equal(router.log.length, 1);
      const [{ level, message, fields } = assert.fail()] = router.log;
      assert.equal(level, 'error');
      assert.match(message, /^\[http\] 502 Bad Gateway: POST \/x: backend 127\.0\.0\.1:\d+ /);
      assert.match(message, reason);
      assert.equal(fields['backend'], backend.address.text);
      assert.equal(backend.requests.length, 1);
    });
  }

  it('are answered 504 when one is silent', async () => {
    const backend = await fakeBackend(HANG);
    const router = routerFor([backend.address], { timeoutMs: 30 });
    router.request();
    assert.equal((await router.answer())[0]?.status, 504);
    assert.match(router.log[0]?.message ?? '', /was silent for 0\.03 s \(--http-timeout\)/);
    await waitUntil('the connection to close', () => backend.closed() === 1);
  });

  it('cut the response where it is shorter than declared', async () => {
    const backend = await fakeBackend(
      answering('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort'),
    );
    const router = routerFor([backend.address]);
    router.request();
    const operations = await router.answer();
    assert.equal(names(operations), 'BEGIN CHUNK ABORT');
    assert.match(router.log[0]?.message ?? '', /response cut: GET \/: .* after 5 of the 10 bytes/);
  });

  it('cut the response where it stops', async () => {
    const backend = await fakeBackend((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nbegin'));
    const router = routerFor([backend.address], { timeoutMs: 30 });
    router.request();
    assert.equal(names(await router.answer()), 'BEGIN CHUNK ABORT');
  });

  it('are passed by where they refuse connections, whatever the method', async () => {
    const [dead, backend] = [await deadAddress(), await fakeBackend()];
    const router = routerFor([dead, backend.address]);
    for (const slot of [1, 2, 3]) {
      router.request({ ...POST, slot });
      const operations = await router.answer(slot);
      assert.equal(operations.find(({ op }) => op === 'BEGIN')?.status ?? 200, 200);
    }
    assert.equal(backend.requests.length, 3);
    assert.equal(router.log.length, 1, 'the dead one is left alone then');
    assert.match(router.log[0]?.message ?? '', /refused the connection.*goes to 127/);
  });

  it('are all told from one that is silent', async () => {
    const router = routerFor([await deadAddress(), await deadAddress()]);
    router.request();
    assert.equal((await router.answer())[0]?.status, 502);
    assert.deepEqual(
      router.log.map(({ level }) => level),
      ['warn', 'error'],
    );
  });

  it('get a GET again at another, once', async () => {
    const first = await fakeBackend((socket) => socket.destroy());
    const second = await fakeBackend();
    const router = routerFor([first.address, second.address]);
    for (const slot of [1, 2]) {
      router.request({ slot });
      assert.notEqual(names(await router.answer(slot)), 'RESPOND');
    }
    assert.equal(second.requests.length, 2);
  });

  it('do not get a GET a third time', async () => {
    const backend = await fakeBackend((socket) => socket.destroy());
    const router = routerFor([backend.address]);
    router.request();
    assert.equal((await router.answer())[0]?.status, 502);
    assert.equal(backend.requests.length, 2);
  });

  it('do not get a POST again', async () => {
    const first = await fakeBackend((socket) => socket.destroy());
    const second = await fakeBackend((socket) => socket.destroy());
    const router = routerFor([first.address, second.address]);
    router.request(POST);
    assert.equal((await router.answer())[0]?.status, 502);
    assert.equal(first.requests.length + second.requests.length, 1);
  });

  it('get the body again with the request', async () => {
    let calls = 0;
    const backend = await fakeBackend((socket) => {
      calls += 1;
      if (calls === 1) socket.destroy();
      else socket.end(OK);
    });
    const router = routerFor([backend.address]);
    router.request({ ...POST, method: 'PUT' });
    await router.answer();
    assert.deepEqual(
      backend.requests.map(({ body }) => body.toString()),
      ['hello', 'hello'],
    );
  });

  it('leave 503 with Retry-After where none can be asked', async () => {
    const router = routerFor([]);
    router.request();
    const [operation] = await router.answer();
    assert.equal(operation?.status, 503);
    assert.match(operation.headText, /\r\nRetry-After: 1\r\n/);
    assert.match(router.log[0]?.message ?? '', /503 Service Unavailable: GET \/: no backend/);
  });
});

describe('a client that reads slowly', () => {
  const LARGE = 'x'.repeat(400_000);
  const RESPONSE = `HTTP/1.1 200 OK\r\nContent-Length: ${LARGE.length}\r\n\r\n${LARGE}`;

  it('does not occupy the backend while the budget lasts', async () => {
    const backend = await fakeBackend(answering(RESPONSE));
    const router = routerFor([backend.address]);
    router.request();
    await waitUntil('the backend to be free', () => backend.closed() === 1);
    const sent = (): number => bodyOf(router.core.of(1)).length;
    assert.ok(sent() < 200_000, `${sent()} bytes went to the core`);
    assert.equal(router.budget.used, LARGE.length - sent());
    await waitUntil('the rest', () => {
      router.core.putEvent('WRITABLE');
      router.core.run();
      return router.core.of(1).some(({ op }) => op === 'END');
    });
    assert.equal(sent(), LARGE.length);
    assert.equal(router.budget.used, 0);
  });

  it('makes the backend wait when the budget is used up, and then go on', async () => {
    const backend = await fakeBackend(answering('HTTP/1.1 200 OK\r\n\r\n' + 'x'.repeat(4_000_000)));
    const budget = new BufferBudget(100_000, 200_000);
    const router = routerFor([backend.address], { budget });
    router.request();
    await waitUntil('the budget to be used up', () => budget.used >= 100_000);
    assert.ok(budget.used < 400_000, String(budget.used));
    await waitUntil('the rest', () => {
      router.core.putEvent('WRITABLE');
      router.core.run();
      return router.core.of(1).some(({ op }) => op === 'END');
    });
    assert.equal(bodyOf(router.core.of(1)).length, 4_000_000);
    assert.equal(budget.used, 0);
    assert.deepEqual(router.log, []);
  });

  it('gives back what it did not take when it leaves', async () => {
    const backend = await fakeBackend(answering(RESPONSE));
    const router = routerFor([backend.address]);
    router.request();
    await waitUntil('the backend to be free', () => backend.closed() === 1);
    router.core.putEvent('ABORTED', 1, 1, constants.abortReason.CLIENT);
    router.core.run();
    assert.equal(router.budget.used, 0);
    assert.equal(router.running(), 0);
  });
});
