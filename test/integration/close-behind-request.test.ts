/** Clients that close a UNIX socket, both directions at once, right behind a complete request: it is run, as over TCP. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { RawSocket } from '../helpers/raw-socket.js';
import type { Server } from '../helpers/server.js';
import { tempDir } from '../helpers/temp-dir.js';
import { MODES, startGateway, waitForState } from './gateway-server.js';

for (const [mode, args] of MODES) {
  describe(`a close right behind a request (${mode})`, () => {
    const path = join(tempDir(), 'h.sock');
    let server: Server;
    before(async () => {
      server = await startGateway(['--http-socket', '127.0.0.1:0', '--http-socket', path, ...args]);
    });
    after(() => server.stop());

    /** The server finds request and close together. */
    async function sendAndClose(client: RawSocket, bytes: string): Promise<void> {
      server.kill('SIGSTOP');
      await client.send(bytes);
      client.close();
      server.kill('SIGCONT');
    }

    it('runs it, and its signal says that the client is gone', async () => {
      const client = await RawSocket.connect(path);
      assert.equal((await client.request('GET /pid HTTP/1.1\r\nHost: a\r\n\r\n')).status, 200);
      await sendAndClose(client, 'GET /hold HTTP/1.1\r\nHost: a\r\n\r\n');
      await waitForState(server, 'the call', (state) => state.produced === 1);
      await waitForState(server, 'the signal', (state) => state.aborted === 'client-gone');
    });

    it('runs one whose body came with it', async () => {
      const client = await RawSocket.connect(path);
      await client.send(
        'POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n',
      );
      await client.readUntil('100 Continue\r\n\r\n', 'the word to go on');
      await sendAndClose(client, 'abcde');
      await waitForState(server, 'the call', (state) => state.produced === 2);
    });
  });
}
