import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { requestText } from '../helpers/get.js';
import { RawSocket, requestOnce } from '../helpers/raw-socket.js';
import type { Server } from '../helpers/server.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';
import { MODES, startGateway, waitForState } from './gateway-server.js';

function post(path: string, body: Buffer | string, lines: readonly string[] = []): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([
    Buffer.from(requestText('POST', path, [`Content-Length: ${bytes.length}`, ...lines])),
    bytes,
  ]);
}

const chunked = (pieces: readonly string[]): string =>
  [...pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`), '0\r\n\r\n'].join('');

/** Descriptors of a process that are files below a directory, named or not. */
function filesBelow(directory: string, pid: number): string[] {
  const fds = `/proc/${pid}/fd`;
  return readdirSync(fds)
    .map((fd) => {
      try {
        return readlinkSync(`${fds}/${fd}`);
      } catch {
        return '';
      }
    })
    .filter((target) => target.startsWith(directory));
}

for (const [mode, args] of MODES) {
  describe(`wsgi.input (${mode})`, () => {
    it('gives bodies of every size, synchronously and not', async () => {
      const server = await startGateway([
        '--post-buffering',
        '100000',
        '--spool-dir',
        tempDir(),
        ...args,
      ]);
      for (const size of [0, 1, 4096, 4097, 99_999, 100_001, 1_000_000]) {
        const body = randomBytes(size);
        const digest = createHash('sha256').update(body).digest('hex');
        for (const path of ['/read-all', '/hash']) {
          assert.equal(
            (await requestOnce(server.port, post(path, body))).text,
            digest,
            `${path} ${size}`,
          );
        }
      }
    });

    it('gives lines, of chunked bodies too', async () => {
      const server = await startGateway(args);
      const plain = await requestOnce(server.port, post('/lines', 'one\ntwo\n\nlast'));
      assert.deepEqual(JSON.parse(plain.text), ['one\n', 'two\n', '\n', 'last']);
      const head = requestText('POST', '/lines', ['Transfer-Encoding: chunked']);
      const response = await requestOnce(server.port, head + chunked(['on', 'e\ntw', 'o']));
      assert.deepEqual(JSON.parse(response.text), ['one\n', 'two']);
    });

    it('names the option where a body is not buffered', async () => {
      const server = await startGateway(['--post-buffering', '0', ...args]);
      server.allowAlert(/BodyNotBufferedError/);
      assert.equal((await requestOnce(server.port, post('/read-all', 'x'))).status, 500);
      await server.log.waitFor(/BodyNotBufferedError: .*--post-buffering/);
    });
  });

  describe(`spool files (${mode})`, () => {
    const SIZE = 2_000_000;

    async function withSpooledBody(): Promise<{
      server: Server;
      directory: string;
      socket: RawSocket;
    }> {
      const directory = tempDir();
      const server = await startGateway(['--spool-dir', directory, ...args]);
      const socket = await RawSocket.connect(server.port);
      await socket.send(post('/hold', randomBytes(SIZE)));
      await waitForState(server, 'the request to start', ({ produced }) => produced > 0);
      assert.equal(filesBelow(directory, server.pid).length, 1, 'the body is not in a file');
      assert.deepEqual(readdirSync(directory), [], 'the file has a name');
      return { server, directory, socket };
    }

    it('are gone when the request is over', async () => {
      const { server, directory, socket } = await withSpooledBody();
      socket.reset();
      await waitUntil(
        'the descriptor to be closed',
        () => filesBelow(directory, server.pid).length === 0,
      );
    });

    it('are gone after SIGKILL', async () => {
      const { server, directory } = await withSpooledBody();
      server.kill('SIGKILL');
      await server.end();
      assert.deepEqual(readdirSync(directory), []);
    });
  });
}
