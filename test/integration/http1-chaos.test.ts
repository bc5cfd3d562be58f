import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startNative, type Mode } from '../conformance/servers/native.js';
import { connectionsTo } from '../helpers/processes.js';
import { RawSocket } from '../helpers/raw-socket.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';
import { chooseSeed, Random } from './random.js';
import { get, head, MODES } from './wire-server.js';

const CLIENTS = 600;
const AT_ONCE = 32;
/** Around the sizes at which a body changes its way: inline, in memory, in a file, credit of a stream. */
const SIZES = [0, 1, 100, 5000, 16_384, 16_385, 65_536, 65_537, 70_000, 300_000, 900_000];
const PATIENT = ['--header-timeout', '60', '--body-timeout', '60'];

interface Exchange {
  readonly request: string;
  readonly seen: string;
  readonly body: string;
}

type Fate = 'patient' | 'half-close' | 'pieces' | 'slow-reader' | 'leaves';
const FATES: readonly Fate[] = [
  'patient',
  'patient',
  'half-close',
  'pieces',
  'slow-reader',
  'leaves',
];

function makeExchange(random: Random, id: number): Exchange {
  const body = random.letter().repeat(random.pick(SIZES));
  switch (random.below(4)) {
    case 0:
      return { request: get(`/g${id}`), seen: `GET /g${id}`, body: '' };
    case 1: {
      const path = `/stream/${'x'.repeat(random.below(50))}${id}/end`;
      return { request: get(path), seen: `GET ${path}`, body: path.slice(8).replace('/', '') };
    }
    case 2: {
      const start = head('POST', `/k${id}`, 'Transfer-Encoding: chunked');
      return { request: start + chunks(random, body), seen: `POST /k${id}`, body };
    }
    default: {
      const start = head('POST', `/p${id}`, `Content-Length: ${body.length}`);
      return { request: start + body, seen: `POST /p${id}`, body };
    }
  }
}

function chunks(random: Random, body: string): string {
  let text = '';
  for (let at = 0; at < body.length;) {
    const piece = body.slice(at, at + 1 + random.below(100_000));
    text += `${piece.length.toString(16)}\r\n${piece}\r\n`;
    at += piece.length;
  }
  return `${text}0\r\n\r\n`;
}

/** One connection: a few requests at once, then what fate has in store. Answers have to be whole, in order and its own. */
async function runClient(port: number, random: Random, id: number): Promise<void> {
  const count = 1 + random.below(5);
  const exchanges = Array.from({ length: count }, (_, index) =>
    makeExchange(random, id * 10 + index),
  );
  const bytes = exchanges.map(({ request }) => request).join('');
  const socket = await RawSocket.connect(port, { limitMs: 30_000 });
  const fate = random.pick(FATES);
  if (fate === 'leaves') {
    await socket.send(bytes.slice(0, random.below(bytes.length + 1)));
    socket.reset();
    return;
  }
  if (fate === 'slow-reader') socket.pause();
  const sent = fate === 'pieces' ? sendInPieces(socket, bytes, random) : socket.send(bytes);
  if (fate === 'half-close') socket.halfClose();
  if (fate === 'slow-reader') socket.resume();
  for (const { seen, body } of exchanges) {
    const response = await socket.readResponse();
    assert.equal(response.header('x-seen'), seen, fate);
    assert.ok(
      response.text === body,
      `${fate}: ${seen} got another body of ${response.body.length} bytes`,
    );
  }
  await sent;
  socket.close();
}

async function sendInPieces(socket: RawSocket, bytes: string, random: Random): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const length = 1 + random.below(Math.max(1, bytes.length >> 2));
    await socket.send(bytes.slice(at, at + length));
    at += length;
  }
}

describe('many clients with every fate', function () {
  this.timeout(180_000);
  const ways = [
    { title: 'buffered bodies', args: [] },
    { title: 'streamed bodies', args: ['--post-buffering', '0', '--callable', 'streaming'] },
  ];
  for (const mode of MODES) {
    for (const { title, args } of ways) {
      it(`get their own answers, ${title}, ${mode} mode`, () => storm(mode, args));
    }
  }

  async function storm(mode: Mode, args: readonly string[]): Promise<void> {
    const server = await startNative(join(tempDir(), 'runs.log'), mode, [...PATIENT, ...args]);
    const seed = chooseSeed();
    const ids = Array.from({ length: CLIENTS }, (_, index) => index);
    const work = async (): Promise<void> => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
        await runClient(server.address.port, new Random(seed + id), id);
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, work));
    } catch (cause) {
      throw new Error(`with CHAOS_SEED=${seed}: ${String(cause)}`, { cause });
    }
    const { port } = server.address;
    await waitUntil('the connections to be gone', () => connectionsTo(port, server.pid) === 0);
  }
});
