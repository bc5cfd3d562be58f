import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { addAbortListener, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
// eslint-disable-next-line no-restricted-syntax -- the signal is what is tested: nothing waits for time to pass
import { scheduler } from 'node:timers/promises';
import { inspect } from 'node:util';
import { RequestAbortedError } from '../../../../src/app/errors.js';
import { createRequestSignal } from '../../../../src/worker/gateway/request-signal.js';
import { onCleanup } from '../../../helpers/cleanup.js';

const reason = new RequestAbortedError('client-gone');
const LONG_MS = 60_000;

/** Aborts after the code under test has begun to wait. */
function abortSoon(): AbortSignal {
  const request = createRequestSignal();
  setImmediate(() => request.abort(reason));
  return request.signal;
}

async function silentServer(): Promise<number> {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  onCleanup(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('tsuwsgi.signal', () => {
  it('is an AbortSignal', () => {
    const { signal } = createRequestSignal();
    assert.ok(signal instanceof AbortSignal);
    assert.equal(Object.prototype.toString.call(signal), '[object AbortSignal]');
    assert.equal(signal.aborted, false);
    assert.equal(signal.reason, undefined);
    signal.throwIfAborted();
    assert.match(inspect(signal), /AbortSignal/);
  });

  it('tells its listeners, and those that come late', () => {
    const request = createRequestSignal();
    const heard: string[] = [];
    request.signal.addEventListener('abort', () => heard.push('listener'), { once: true });
    request.signal.onabort = () => heard.push('onabort');
    addAbortListener(request.signal, () => heard.push('addAbortListener'));
    request.abort(reason);
    addAbortListener(request.signal, () => heard.push('late'));
    assert.deepEqual(heard.slice(0, 3).sort(), ['addAbortListener', 'listener', 'onabort']);
    assert.equal(request.signal.aborted, true);
    assert.equal(request.signal.reason, reason);
    assert.throws(() => request.signal.throwIfAborted(), reason);
  });

  it('is aborted also when nobody had looked before', () => {
    const request = createRequestSignal();
    request.abort(reason);
    request.abort(new RequestAbortedError('shutdown'));
    assert.equal(request.signal.reason, reason);
  });

  it('works in AbortSignal.any', () => {
    const request = createRequestSignal();
    const any = AbortSignal.any([request.signal, new AbortController().signal]);
    const nested = AbortSignal.any([any]);
    request.abort(reason);
    assert.equal(any.reason, reason);
    assert.equal(nested.reason, reason);
  });

  it('works with timers/promises and events.once', async () => {
    await assert.rejects(scheduler.wait(LONG_MS, { signal: abortSoon() }), {
      name: 'AbortError',
      cause: reason,
    });
    await assert.rejects(once(new EventTarget(), 'never', { signal: abortSoon() }), {
      name: 'AbortError',
    });
    const [event] = (await once(abortSoon() as unknown as EventTarget as never, 'abort')) as [
      Event,
    ];
    assert.equal(event.type, 'abort');
  });

  it('works with event targets and streams', async () => {
    const target = new EventTarget();
    const request = createRequestSignal();
    let heard = 0;
    target.addEventListener('x', () => (heard += 1), { signal: request.signal });
    target.dispatchEvent(new Event('x'));
    request.abort(reason);
    target.dispatchEvent(new Event('x'));
    assert.equal(heard, 1);
    const endless = new Readable({ read: () => undefined });
    await assert.rejects(pipeline(endless, new PassThrough(), { signal: abortSoon() }), {
      name: 'AbortError',
    });
    await assert.rejects(
      new ReadableStream({}).pipeTo(new WritableStream({}), { signal: abortSoon() }),
      reason,
    );
  });

  it('works with fetch, http.get, files and processes', async () => {
    const port = await silentServer();
    const url = `http://127.0.0.1:${port}/`;
    await assert.rejects(fetch(url, { signal: abortSoon() }), reason);
    const request = new Request(url, { signal: abortSoon() });
    await once(request.signal, 'abort');
    const [error] = (await once(get(url, { signal: abortSoon() }), 'error')) as [Error];
    assert.equal(error.name, 'AbortError');
    const aborted = createRequestSignal();
    aborted.abort(reason);
    await assert.rejects(readFile('/proc/self/stat', { signal: aborted.signal }), {
      name: 'AbortError',
    });
    const killed = new Promise((resolve) =>
      execFile('sleep', ['60'], { signal: abortSoon() }, resolve),
    );
    assert.equal(((await killed) as Error).name, 'AbortError');
  });
});
