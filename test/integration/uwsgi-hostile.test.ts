/** Packets that no front server sends: whatever comes, the server goes on, and nothing of it is left. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { packetOf, readFixtures, type FixtureFile } from '../helpers/fixture-files.js';
import { connectionsTo, residentBytes } from '../helpers/processes.js';
import type { Server } from '../helpers/server.js';
import { blockPacket, getPacket, nginxVars, packet, sized } from '../helpers/uwsgi-packet.js';
import { waitUntil } from '../helpers/wait-until.js';
import { chooseSeed, Random } from './random.js';
import { ask, exchange, portFor, startBoth } from './uwsgi-server.js';

const PACKETS = 100_000;
const AT_ONCE = 64;
const LIMITS = ['head-bytes', 'target-bytes', 'header-count', 'body-bytes'];
const NAMES = [
  'REQUEST_METHOD',
  'REQUEST_URI',
  'PATH_INFO',
  'CONTENT_LENGTH',
  'HTTP_X',
  'HTTPS',
  '',
];
const VALUES = [
  'GET',
  'HEAD',
  '/',
  '/a?b',
  '5',
  '0',
  '99999999999999999999',
  'on',
  '\0',
  '\r\n',
  '',
];

function randomBytes(random: Random, most: number): Buffer {
  return Buffer.from(Array.from({ length: random.below(most) }, () => random.below(256)));
}

function randomVars(random: Random): Buffer {
  const strings = Array.from({ length: 2 * random.below(8) }, (_, index) =>
    sized(random.pick(index % 2 === 0 ? NAMES : VALUES)),
  );
  return Buffer.concat(strings);
}

/** A good packet with some of its bytes changed. */
function damaged(random: Random): Buffer {
  const bytes = getPacket('/damaged');
  for (let count = 1 + random.below(4); count > 0; count -= 1) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return bytes;
}

function randomPacket(random: Random): Buffer {
  switch (random.below(6)) {
    case 0:
      return randomBytes(random, 64);
    case 1:
      return blockPacket(randomBytes(random, 64));
    case 2:
      return blockPacket(randomVars(random));
    case 3:
      return getPacket('/cut').subarray(0, random.below(200));
    case 4:
      return packet(nginxVars('GET', '/'), { datasize: random.below(600) });
    default:
      return damaged(random);
  }
}

/** Sends one packet and waits for the connection's end; resolves to the first byte that came back, if any. */
function play(port: number, bytes: Buffer): Promise<number | undefined> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('data', (chunk) => {
      first ??= chunk[0];
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(first));
    socket.end(bytes);
  });
}

async function playMany(port: number, random: Random, count: number): Promise<number> {
  let left = count;
  let answered = 0;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      if ((await play(port, randomPacket(random))) !== undefined) answered += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  return answered;
}

function hasUsualLimits(file: FixtureFile): boolean {
  return !LIMITS.some((key) => file.get(key) !== undefined);
}

for (const threads of ['1', '2']) {
  describe(`hostile uwsgi packets (${threads} threads)`, () => {
    let server: Server;
    before(async () => {
      server = await startBoth('environ.ts', ['--threads', threads, '--disable-logging']);
    });
    after(() => server.stop());

    it('refuses every invalid packet of the fixtures', async () => {
      const files = readFixtures('uwsgi/packets/invalid').filter(hasUsualLimits);
      assert.ok(files.length >= 60);
      for (const file of files) {
        const status = (file.get('refuse') ?? '').slice(0, 3);
        const answer = (await exchange(server, packetOf(file))).toString('latin1');
        const expected = status === '431' ? 'HTTP/1.1 431 ' : '';
        assert.equal(answer.slice(0, 13), expected, file.name);
      }
    });

    it(`survives ${PACKETS / 2} random packets, and leaves nothing behind`, async function () {
      this.timeout(120_000);
      const seed = chooseSeed();
      const random = new Random(seed);
      const port = portFor(server, 'uwsgi');
      await playMany(port, random, PACKETS / 10);
      const resident = residentBytes(server.pid);
      const answered = await playMany(port, random, (PACKETS * 4) / 10);
      assert.ok(answered > 0, `nothing was answered, seed ${seed}`);
      assert.equal((await ask(server, getPacket('/after'))).status, 200, `seed ${seed}`);
      await waitUntil('connections to be gone', () => connectionsTo(port, server.pid) === 0);
      const grown = residentBytes(server.pid) - resident;
      assert.ok(grown < 48 << 20, `grew by ${grown} bytes, seed ${seed}`);
    });
  });
}
