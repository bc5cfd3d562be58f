import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { requestText } from '../helpers/get.js';
import { RawSocket, requestOnce } from '../helpers/raw-socket.js';
import { MODES, startGateway, stateOf, waitForState } from './gateway-server.js';

const LARGE_BYTES = 50 << 20;
const LIMIT_MS = 20_000;

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

for (const [mode, args] of MODES) {
  describe(`large bodies (${mode})`, () => {
    it('come in and go out whole: 50 MB through a spool file and back', async () => {
      const server = await startGateway(args);
      const body = randomBytes(LARGE_BYTES);
      const request = Buffer.concat([
        Buffer.from(requestText('POST', '/echo', [`Content-Length: ${body.length}`])),
        body,
      ]);
      const response = await requestOnce(server.port, request, { limitMs: LIMIT_MS });
      assert.equal(response.status, 200);
      assert.equal(sha256(response.body), sha256(body));
    });

    it('are streamed with --post-buffering 0', async () => {
      const server = await startGateway(['--post-buffering', '0', ...args]);
      const body = randomBytes(LARGE_BYTES);
      for (const path of ['/hash', '/echo']) {
        const request = Buffer.concat([
          Buffer.from(requestText('POST', path, [`Content-Length: ${body.length}`])),
          body,
        ]);
        const response = await requestOnce(server.port, request, { limitMs: LIMIT_MS });
        assert.equal(response.status, 200);
        assert.equal(path === '/hash' ? response.text : sha256(response.body), sha256(body));
      }
    });
  });

  describe(`a slow client (${mode})`, () => {
    it('pauses the generator, which goes on when the client reads', async () => {
      const server = await startGateway(args);
      const socket = await RawSocket.connect(server.port, { limitMs: LIMIT_MS });
      socket.pause();
      await socket.send(requestText('GET', '/produce/50'));
      const paused = await waitForState(server, 'the first pieces', ({ produced }) => produced > 0);
      assert.ok(paused.produced < 25, `${paused.produced} MB for a client that does not read`);
      socket.resume();
      const response = await socket.readResponse();
      assert.equal(response.body.length, 50 << 20);
      const { produced, finished, closed } = await stateOf(server);
      assert.deepEqual([produced, finished, closed], [50, 1, 1]);
    });
  });

  describe(`a client that leaves (${mode})`, () => {
    it('stops the generator and closes the body', async () => {
      const server = await startGateway(args);
      const socket = await RawSocket.connect(server.port);
      socket.pause();
      await socket.send(requestText('GET', '/produce/1000'));
      await waitForState(server, 'the first pieces', ({ produced }) => produced > 0);
      socket.reset();
      const { produced, finished, closed } = await waitForState(
        server,
        'the close',
        (state) => state.closed > 0,
      );
      assert.ok(produced < 1000);
      assert.deepEqual([finished, closed], [1, 1]);
    });

    it('aborts the signal of a request that waits', async () => {
      const server = await startGateway(args);
      const socket = await RawSocket.connect(server.port);
      await socket.send(requestText('GET', '/hold'));
      await waitForState(server, 'the request to start', ({ produced }) => produced > 0);
      socket.reset();
      await waitForState(server, 'the abort', ({ aborted }) => aborted === 'client-gone');
    });
  });
}
