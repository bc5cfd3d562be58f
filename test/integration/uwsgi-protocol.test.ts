/** The uwsgi protocol as a front server sees it: bytes in, bytes out, and what the log says about it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import { RawSocket } from '../helpers/raw-socket.js';
import { startServer, testApp, type Server } from '../helpers/server.js';
import { tempDir } from '../helpers/temp-dir.js';
import { getPacket, nginxVars, packet, postPacket, type Vars } from '../helpers/uwsgi-packet.js';
import { MODES, type GatewayState } from './gateway-server.js';
import { waitUntil } from '../helpers/wait-until.js';
import { ask, exchange, portFor, startBoth } from './uwsgi-server.js';

const PING = Buffer.from([100, 0, 0, 0]);

function varsOf(method: string, target: string, changes: Vars): Vars {
  const changed = new Map(changes);
  return nginxVars(method, target).map(([key, value]) => [key, changed.get(key) ?? value] as const);
}

for (const [mode, args] of MODES) {
  describe(`uwsgi protocol (${mode})`, () => {
    let server: Server;
    before(async () => {
      server = await startBoth('gateway.ts', args);
    });
    after(() => server.stop());

    it('answers with a status line, the headers of the application and its length', async () => {
      const bytes = await exchange(server, getPacket('/returns/bytes'));
      assert.equal(
        bytes.toString('latin1'),
        'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nbytes',
      );
    });

    it('ends a body of unknown length with the connection', async () => {
      const bytes = await exchange(server, getPacket('/returns/generator'));
      assert.equal(
        bytes.toString('latin1'),
        'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\ng1 g2',
      );
    });

    it('answers HEAD with the head of GET', async () => {
      const vars = varsOf('HEAD', '/returns/bytes', []);
      assert.equal(
        (await exchange(server, packet(vars))).toString('latin1'),
        'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n',
      );
    });

    it('speaks the version of the request', async () => {
      const vars = varsOf('GET', '/returns/string', [['SERVER_PROTOCOL', 'HTTP/1.0']]);
      assert.equal((await ask(server, packet(vars))).version, 'HTTP/1.0');
    });

    it('answers a throw with 500 and an unknown path with what the application says', async () => {
      assert.equal((await ask(server, getPacket('/throw'))).status, 500);
      assert.equal((await ask(server, getPacket('/nowhere'))).status, 404);
    });

    it('takes a body by its length, small and large', async () => {
      for (const size of [5, 10_000, 3_000_000]) {
        const body = Buffer.alloc(size, 'abcdefg');
        const response = await ask(server, postPacket('/read-all', body));
        assert.equal(response.text, createHash('sha256').update(body).digest('hex'), String(size));
      }
    });

    it('takes a packet and its body byte by byte', async () => {
      const socket = await RawSocket.connect(portFor(server, 'uwsgi'));
      await socket.sendByteByByte(postPacket('/echo', 'hello'));
      assert.equal((await socket.readResponse()).text, 'hello');
    });

    it('sends a large body as fast as the peer takes it', async () => {
      const response = await ask(server, getPacket('/produce/50'));
      assert.equal(response.framing, 'close');
      assert.equal(response.body.length, 50 << 20);
    });

    it('runs one request a connection', async () => {
      const two = Buffer.concat([getPacket('/returns/string'), getPacket('/returns/bytes')]);
      const text = (await exchange(server, two)).toString('latin1');
      assert.equal(text.split('HTTP/1.1 ').length, 2);
    });

    it('tells the application when the peer leaves', async () => {
      const state = async (): Promise<GatewayState> =>
        JSON.parse((await ask(server, getPacket('/state'))).text) as GatewayState;
      const before = await state();
      const socket = await RawSocket.connect(portFor(server, 'uwsgi'));
      await socket.send(getPacket('/hold'));
      await waitUntil('the request runs', async () => (await state()).produced > before.produced);
      socket.reset();
      await waitUntil('it is aborted', async () => (await state()).aborted === 'client-gone');
    });

    it('answers a ping', async () => {
      assert.deepEqual([...(await exchange(server, PING))], [100, 0, 0, 1]);
    });

    it('refuses another modifier by name, with the peer', async () => {
      const php = packet(nginxVars('GET', '/'), { modifier1: 14 });
      assert.equal((await exchange(server, php)).length, 0);
      await server.log.waitFor(
        /uwsgi packet refused \(modifier1 14 \(PHP\) is not served\), connection closed, peer 127\.0\.0\.1:\d+/,
      );
    });

    it('says what an HTTP client does wrong here', async () => {
      assert.equal((await exchange(server, Buffer.from('GET / HTTP/1.1\r\n\r\n'))).length, 0);
      await server.log.waitFor(/modifier1 71 \(an HTTP request\?\) is not served/);
    });

    it('says what is wrong with a packet, and closes', async () => {
      const wrong: readonly (readonly [Vars, RegExp])[] = [
        [[['REQUEST_URI', '/']], /\(no REQUEST_METHOD\)/],
        [[['REQUEST_METHOD', 'GET']], /\(neither REQUEST_URI nor PATH_INFO\)/],
        [varsOf('GET', '/', [['CONTENT_LENGTH', '5x']]), /malformed CONTENT_LENGTH/],
        [nginxVars('GET', '/', [['HTTP_X', 'a\r\nb']]), /invalid byte .*, variable HTTP_X\)/],
      ];
      for (const [vars, record] of wrong) {
        assert.equal((await exchange(server, packet(vars))).length, 0);
        await server.log.waitFor(record);
      }
      assert.equal((await exchange(server, getPacket('/').subarray(0, 60))).length, 0);
      await server.log.waitFor(/uwsgi packet refused \(the input ended inside the packet\)/);
    });

    it('logs the client that the front server names', async () => {
      const vars = nginxVars('GET', '/returns/string?logged', [['REMOTE_USER', 'ann']]);
      await ask(server, packet(vars));
      await server.log.waitFor(
        /\] 192\.0\.2\.7 \(ann\) \{30 vars in \d+ bytes\} \[.*\] GET \/returns\/string\?logged => generated 7 bytes in \d+ msecs \(HTTP\/1\.1 200\)/,
      );
    });
  });
}

describe('limits of uwsgi packets', () => {
  let server: Server;
  before(async () => {
    const LIMITS = ['--buffer-size', '2000', '--limit-target', '100', '--limit-headers', '20'];
    const times = ['--header-timeout', '0.5', '--body-timeout', '0.5', '--min-rate', '1000'];
    server = await startBoth('environ.ts', [...LIMITS, '--limit-post', '1000', ...times]);
  });
  after(() => server.stop());

  it('tells the front server what is too large', async () => {
    const many: Vars = Array.from({ length: 21 }, (_, index) => [`HTTP_X_${index}`, ''] as const);
    assert.equal((await ask(server, getPacket('/', [['HTTP_X', 'x'.repeat(2000)]]))).status, 431);
    assert.equal((await ask(server, getPacket('/', many))).status, 431);
    assert.equal((await ask(server, getPacket(`/${'a'.repeat(100)}`))).status, 414);
    assert.equal((await ask(server, postPacket('/', 'b'.repeat(1001)))).status, 413);
    assert.equal((await ask(server, postPacket('/', 'b'.repeat(1000)))).status, 200);
  });

  it('ends a packet that does not come', async () => {
    const socket = await RawSocket.connect(portFor(server, 'uwsgi'));
    await socket.send(getPacket('/').subarray(0, 30));
    await socket.waitForEnding();
    assert.equal(socket.unread.length, 0);
    await server.log.waitFor(/the packet did not arrive within --header-timeout/);
  });

  it('answers 408 to a body that does not come', async () => {
    const response = await ask(server, postPacket('/', 'b'.repeat(900)).subarray(0, -100));
    assert.equal(response.status, 408);
  });
});

describe('the largest uwsgi packets', () => {
  it('reach the application whole', async () => {
    const server = await startBoth('environ.ts', [
      '--buffer-size',
      '65535',
      '--limit-headers',
      '4096',
    ]);
    const repeated: Vars = Array.from({ length: 4000 }, () => ['HTTP_A', 'x'] as const);
    const filling = nginxVars('GET', '/many', [...repeated, ['B', '']]);
    const room = Math.min(4000, Math.floor((65_535 - (packet(filling).length - 4)) / 5));
    assert.ok(room > 3000, String(room));
    const many = packet([...filling, ...Array.from({ length: room }, () => ['C', ''] as const)]);
    const environ = JSON.parse((await ask(server, many)).text) as Record<string, string>;
    assert.equal(environ['HTTP_A'], repeated.map(() => 'x').join(', '));
    assert.equal(environ['C'], '');
    const long = nginxVars('GET', '/long', [['HTTP_A', 'y'.repeat(60_000)]]);
    const answer = await ask(server, packet(long));
    assert.equal((JSON.parse(answer.text) as Record<string, string>)['HTTP_A']?.length, 60_000);
  });
});

describe('uwsgi over a UNIX socket', () => {
  it('serves, and has a record of a packet whose sender left', async () => {
    const path = join(tempDir(), 'uwsgi.sock');
    const server = await startServer(['--socket', path, '--wsgi-file', testApp('environ.ts')]);
    const served = await talk(path, getPacket('/over-unix'));
    assert.match(served, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(served, /"PATH_INFO":"\/over-unix"/);
    await talk(path, getPacket('/').subarray(0, 60), 'leave');
    await server.log.waitFor(
      /\(the input ended inside the packet\), connection closed, peer on a UNIX socket/,
    );
  });
});

/** Sends to a UNIX socket and reads to the end, or leaves without a look at what comes. */
function talk(path: string, bytes: Buffer, then: 'read' | 'leave' = 'read'): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const socket = connect(path, () => {
      if (then === 'read') socket.write(bytes);
      else socket.write(bytes, () => socket.destroy());
    });
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(pieces).toString('latin1')));
  });
}

describe('a uwsgi body that is not buffered', () => {
  it('reaches the application as it comes', async () => {
    const server = await startBoth('gateway.ts', ['--post-buffering', '0']);
    const body = Buffer.alloc(2_000_000, 'xyz');
    const response = await ask(server, postPacket('/hash', body));
    assert.equal(response.text, createHash('sha256').update(body).digest('hex'));
  });
});

describe('the request log over uwsgi as JSON', () => {
  it('has the client, its port and the protocol of the request', async () => {
    const server = await startBoth('environ.ts', ['--log-format', 'json']);
    await ask(server, packet(varsOf('GET', '/j', [['SERVER_PROTOCOL', 'HTTP/2.0']])));
    await server.log.waitFor(
      /"remote":"192\.0\.2\.7","port":4711,"method":"GET","uri":"\/j","protocol":"HTTP\/2\.0","status":200/,
    );
  });
});
