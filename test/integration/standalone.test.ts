import assert from 'node:assert/strict';
import { requestText } from '../helpers/get.js';
import { RawSocket } from '../helpers/raw-socket.js';
import { startServer, type Server } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';
import { MODES, startGateway, textOf, waitForState } from './gateway-server.js';

/** A server with a request that ends only when it is aborted. */
async function withHeldRequest(
  args: readonly string[],
): Promise<{ server: Server; socket: RawSocket }> {
  const server = await startGateway(args);
  const socket = await RawSocket.connect(server.port);
  await socket.send(requestText('GET', '/hold'));
  await waitForState(server, 'the request to start', ({ produced }) => produced > 0);
  return { server, socket };
}

for (const [mode, args] of MODES) {
  describe(`a worker without a master (${mode})`, () => {
    it('does not wait for requests after a second SIGINT', async () => {
      const { server, socket } = await withHeldRequest(args);
      server.kill('SIGINT');
      await server.log.waitFor(/SIGINT: finishing what runs, at most 60 seconds/);
      server.kill('SIGINT');
      assert.deepEqual(await server.end(), { code: 0, signal: null });
      await socket.waitForEnding();
    });

    it('stops at once on SIGQUIT', async () => {
      const { server } = await withHeldRequest(args);
      assert.deepEqual(await server.stop('SIGQUIT'), { code: 0, signal: null });
      assert.equal(server.log.matching(/stopping at once: SIGQUIT/).length, 1);
    });

    it('cuts what still runs after --worker-reload-mercy', async () => {
      const { server, socket } = await withHeldRequest(['--worker-reload-mercy', '0.2', ...args]);
      assert.deepEqual(await server.stop('SIGTERM'), { code: 0, signal: null });
      assert.equal(server.log.matching(/requests still ran after 0.2 seconds/).length, 1);
      await socket.waitForEnding();
    });

    it('ends by itself when the last request is answered', async () => {
      const server = await startGateway(args);
      const socket = await RawSocket.connect(server.port);
      await socket.send(requestText('POST', '/echo', ['Content-Length: 2']) + 'a');
      server.kill('SIGTERM');
      await server.log.waitFor(/SIGTERM: finishing what runs/);
      await socket.send('b');
      assert.equal((await socket.readResponse()).text, 'ab');
      assert.deepEqual(await server.end(), { code: 0, signal: null });
    });

    it('stays where it is on SIGHUP and SIGUSR2, and says why; and on SIGALRM', async () => {
      const server = await startGateway(args);
      server.kill('SIGHUP');
      await server.log.waitFor(/SIGHUP: nothing to reload without a master/);
      server.kill('SIGUSR2');
      await server.log.waitFor(/SIGUSR2: no upgrade without a master/);
      server.kill('SIGALRM');
      assert.match(await textOf(server, '/pid'), /^\d+$/);
    });
  });
}

describe('the log of a worker without a master', () => {
  it('is said to be none where it is not in a file of ours', async () => {
    const server = await startGateway([]);
    server.kill('SIGUSR1');
    await server.log.waitFor(/SIGUSR1: there is no log file to open anew/);
    await server.stop();
    assert.equal(server.log.matching(/Debugger listening/).length, 0);
  });
});

describe('a worker without a master whose application never gets ready', () => {
  it('stops when it is told to', async () => {
    const cwd = tempFiles({
      'never.mjs': `console.error('loading goes on');
setInterval(() => undefined, 1000);
await new Promise(() => undefined);
`,
    });
    const server = await startServer(['--wsgi-file', 'never.mjs'], { cwd, waitForReady: false });
    await server.log.waitFor(/loading goes on/);
    assert.deepEqual(await server.stop('SIGTERM'), { code: 0, signal: null });
  });
});
