import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { BackendAddress } from '../../../src/config/backend-address.js';
import { BackendCall } from '../../../src/router/backend-call.js';
import {
  emptyBody,
  type BufferedBody,
  type RequestBody,
  type StreamedBody,
} from '../../../src/worker/gateway/request-body.js';
import { onCleanup } from '../../helpers/cleanup.js';
import { tempDir } from '../../helpers/temp-dir.js';

const PIECE = Buffer.alloc(64 * 1024, 'x');
const PIECES = 100;
const ANSWER = 'HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig';

/** A backend that reads a little of a body, and no more than it is told to. */
async function lazyBackend(where: 'tcp' | 'unix'): Promise<{
  readonly address: BackendAddress;
  /** Answers and closes, at once. */
  readonly refuse: () => boolean;
}> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    socket.once('data', () => socket.pause());
  });
  const path = join(tempDir(), 'backend.sock');
  server.listen(where === 'unix' ? { path } : { host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  onCleanup(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const bound = server.address();
  const address: BackendAddress =
    bound !== null && typeof bound === 'object'
      ? { kind: 'tcp', host: '127.0.0.1', port: bound.port, text: `127.0.0.1:${bound.port}` }
      : { kind: 'unix', path, text: path };
  return {
    address,
    refuse: () => {
      for (const socket of sockets) socket.end(ANSWER).destroy();
      return sockets.length > 0;
    },
  };
}

/** A body that asks, whenever a piece of it is about to be sent, for something to happen before. */
function bufferedBody(before: () => void): BufferedBody {
  const read = (): Buffer => {
    before();
    return PIECE;
  };
  return { ...emptyBody, length: PIECES * PIECE.length, read };
}

function streamedBody(before: () => void): StreamedBody {
  const pieces = new Array<Buffer>(PIECES).fill(PIECE);
  const next = (): Promise<Buffer | undefined> => {
    before();
    return Promise.resolve(pieces.pop());
  };
  return { kind: 'streamed', next } as unknown as StreamedBody;
}

/** The status and the body that come of it, or the reason why not. */
function outcome(address: BackendAddress, body: RequestBody): Promise<string> {
  let heard = '';
  return new Promise((resolve) => {
    const options = { address, body, packet: Buffer.alloc(4), connectTimeoutMs: 0, timeoutMs: 0 };
    new BackendCall(options, {
      connected: () => undefined,
      head: ({ code }) => {
        heard = `${code} `;
        return true;
      },
      data: (chunk) => {
        heard += chunk.toString();
        return true;
      },
      ended: () => resolve(heard),
      overlong: () => undefined,
      failed: ({ reason }) => resolve(reason),
    });
  });
}

describe('a call of a backend', () => {
  for (const where of ['tcp', 'unix'] as const) {
    for (const [kind, bodyThat] of [
      ['buffered', bufferedBody],
      ['streamed', streamedBody],
    ] as const) {
      it(`hears an answer that comes before a ${kind} body was taken (${where})`, async () => {
        const { address, refuse } = await lazyBackend(where);
        assert.equal(await outcome(address, bodyThat(refuse)), '413 big');
      });
    }
  }
});
