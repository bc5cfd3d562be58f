import assert from 'node:assert/strict';
import { RawSocket } from '../helpers/raw-socket.js';
import { startServer, testApp } from '../helpers/server.js';
import { MODES } from './gateway-server.js';

for (const [mode, args] of MODES) {
  describe(`AsyncLocalStorage (${mode})`, () => {
    it('is separate for the requests of a batch, whatever order they are answered in', async () => {
      const server = await startServer(['--wsgi-file', testApp('als.ts'), ...args]);
      const sockets = await Promise.all(
        Array.from({ length: 4 }, () => RawSocket.connect(server.port)),
      );
      const paths = sockets.map((_, s) =>
        Array.from({ length: 16 }, (_unused, r) => [`/s${s}r${r}`, (r * 7 + s) % 5] as const),
      );
      await Promise.all(
        sockets.map((socket, s) =>
          socket.send(
            (paths[s] ?? [])
              .map(([path, turns]) => `GET ${path}?${turns} HTTP/1.1\r\nHost: test\r\n\r\n`)
              .join(''),
          ),
        ),
      );
      for (const [s, socket] of sockets.entries()) {
        const answers = await socket.readResponses(16);
        assert.deepEqual(
          answers.map(({ text }) => text),
          (paths[s] ?? []).map(([path]) => `none ${path}`),
        );
      }
    });
  });
}
