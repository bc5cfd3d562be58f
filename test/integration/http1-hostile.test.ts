import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readCorpus } from '../conformance/case-file.js';
import type { WireCase } from '../conformance/case-types.js';
import { encodeBytes } from '../conformance/escapes.js';
import { startNative, type Mode, type NativeServer } from '../conformance/servers/native.js';
import { CORPUS_DIRECTORY } from '../conformance/servers/start-servers.js';
import { WireClient } from '../conformance/wire-client.js';
import { requestOnce } from '../helpers/raw-socket.js';
import { tempDir } from '../helpers/temp-dir.js';
import { chooseSeed, Random } from './random.js';
import { get, MODES } from './wire-server.js';

const INPUTS = 1500;
const AT_ONCE = 24;
/** Longer inputs say little more and take long. */
const MAX_SEED_BYTES = 2000;
const LIMIT_MS = 10_000;
const PIECES = [
  '\r\n',
  '\r\n\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  '0',
  'f',
  '-',
  'chunked',
  'Content-Length: 5',
];

/** What the corpus sends, without HEAD: the answer to it cannot be cut out without knowing the request. */
function seeds(cases: readonly WireCase[]): string[] {
  return cases
    .map(({ steps }) =>
      steps.map((step) => (step.kind === 'send' ? step.bytes.toString('latin1') : '')).join(''),
    )
    .filter((text) => text.length > 0 && text.length <= MAX_SEED_BYTES && !text.includes('HEAD'));
}

function mutate(random: Random, texts: readonly string[]): string {
  let text = random.pick(texts);
  for (let count = random.below(4); count >= 0; count -= 1) text = mutateOnce(random, text, texts);
  return text;
}

function mutateOnce(random: Random, text: string, texts: readonly string[]): string {
  const at = random.below(text.length + 1);
  const end = Math.min(text.length, at + random.below(12));
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at) + text.slice(end);
    case 1:
      return text.slice(0, end) + text.slice(at);
    case 2:
      return text.slice(0, at) + random.pick(PIECES) + text.slice(at);
    case 3:
      return text.slice(0, at) + random.pick(PIECES) + text.slice(end);
    case 4:
      return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
    default:
      return text + random.pick(texts);
  }
}

describe('hostile bytes', function () {
  this.timeout(180_000);
  const texts = seeds(readCorpus(CORPUS_DIRECTORY));

  for (const mode of MODES) {
    it(`get well-formed answers and an end (${mode} mode)`, () => attack(mode));
  }

  async function attack(mode: Mode): Promise<void> {
    const server = await startNative(join(tempDir(), 'runs.log'), mode);
    const seed = chooseSeed();
    const ids = Array.from({ length: INPUTS }, (_, index) => index);
    const work = async (): Promise<void> => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
        await tryInput(server, mutate(new Random(seed + id), texts));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    const { status } = await requestOnce(server.address.port, get('/alive'));
    assert.equal(status, 200);
  }
});

async function tryInput({ address }: NativeServer, input: string): Promise<void> {
  const bytes = Buffer.from(input, 'latin1');
  const client = await WireClient.open(address, '127.0.0.1', () => false);
  try {
    await client.send(bytes, Math.max(bytes.length, 1));
    client.halfClose();
    await client.waitFor(() => false, LIMIT_MS);
    const { responses, junk, closed } = client.transcript();
    const shown = encodeBytes(bytes, 2 * MAX_SEED_BYTES);
    assert.ok(closed, `no end after ${shown}`);
    assert.ok(!junk, `not a response after ${shown}`);
    assert.deepEqual(
      responses.flatMap(({ faults }) => faults),
      [],
      shown,
    );
  } finally {
    client.destroy();
  }
}
