import assert from 'node:assert/strict';
import { bindQueues, type BindQueuesOptions } from '../../../src/binding/bind-queues.js';
import { queuesForSlot, type BoundQueues } from '../../../src/binding/bound-queues.js';
import { parseAddress } from '../../../src/config/address.js';
import type { ListenAddress } from '../../../src/config/listen-addresses.js';
import { ListenError } from '../../../src/errors.js';
import { errno, FakeKernel } from './fake-kernel.js';

function address(text: string, protocol: 'http' | 'uwsgi' = 'http'): ListenAddress {
  const parsed = parseAddress(text);
  assert.ok(parsed.ok);
  return { ...parsed.value, protocol };
}

const UNCHANGED = { mode: -1, owner: -1, group: -1 };
const TWO_BY_TWO = {
  slots: 2,
  loopsPerSlot: 2,
  backlog: 100,
  access: UNCHANGED,
  inherited: [],
  unclaimed: 'listen',
} as const;

function bind(
  kernel: FakeKernel,
  texts: readonly string[],
  options: Partial<BindQueuesOptions> = {},
): Promise<BoundQueues> {
  const addresses = texts.map((text) => address(text));
  return bindQueues({ ...TWO_BY_TWO, addresses, ...options }, kernel);
}

describe('binding TCP queues', () => {
  it('binds one queue per slot, loop and address', async () => {
    const kernel = new FakeKernel();
    const bound = await bind(kernel, ['127.0.0.1:80', '127.0.0.2:81']);
    assert.deepEqual(
      bound.queues.map(({ slot, loop, listener }) => [listener, slot, loop].join('')),
      ['000', '001', '010', '011', '100', '101', '110', '111'],
    );
    assert.equal(new Set(bound.queues.map(({ fd }) => fd)).size, 8);
    assert.ok(kernel.calls.every(({ backlog }) => backlog === 100));
    assert.ok([...kernel.open.values()].every(({ reusePort }) => reusePort));
    bound.close();
    bound.close();
    assert.equal(kernel.open.size, 0);
  });

  it('takes one free port for all queues of an address', async () => {
    const kernel = new FakeKernel();
    const bound = await bind(kernel, ['127.0.0.1:0', '127.0.0.1:0']);
    assert.deepEqual(
      bound.listeners.map(({ port, autoPort }) => [port, autoPort]),
      [
        [40_000, true],
        [40_001, true],
      ],
    );
    const ports = [...kernel.open.values()].map(({ port }) => port);
    assert.deepEqual(ports.slice(0, 4), [40_000, 40_000, 40_000, 40_000]);
  });

  it('does not share a port with another server, also not with one that would share', async () => {
    const kernel = new FakeKernel();
    kernel.bindListener({ host: '0.0.0.0', port: 80, backlog: 1, reusePort: true });
    await assert.rejects(bind(kernel, ['127.0.0.1:79', '127.0.0.1:80']), (error) => {
      assert.ok(error instanceof ListenError);
      assert.match(error.message, /127\.0\.0\.1:80: the address is in use, .*another port/);
      return true;
    });
    assert.equal(kernel.open.size, 1);
  });

  it('needs no SO_REUSEPORT for a single queue', async () => {
    const kernel = new FakeKernel();
    await bind(kernel, ['[::1]:80'], { slots: 1, loopsPerSlot: 1, backlog: 5 });
    assert.deepEqual(kernel.calls, [{ host: '::1', port: 80, backlog: 5, reusePort: false }]);
  });

  for (const [code, advice] of [
    ['EACCES', /CAP_NET_BIND_SERVICE/],
    ['EADDRNOTAVAIL', /no network interface/],
    ['EMFILE', /4 listening sockets are needed \(2 processes × 2 I\/O loops × 1 TCP addresses\)/],
    ['EPROTO', /refused \(EPROTO\)/],
  ] as const) {
    it(`explains ${code} and leaves nothing bound`, async () => {
      const kernel = new FakeKernel();
      kernel.failAt = 4;
      kernel.failure = code;
      await assert.rejects(bind(kernel, ['@first', '10.0.0.1:80']), advice);
      assert.equal(kernel.open.size, 0);
    });
  }
});

describe('binding UNIX sockets', () => {
  it('binds one socket for all slots and loops, with the access that was asked for', async () => {
    const kernel = new FakeKernel();
    const access = { mode: 0o660, owner: 33, group: -1 };
    const addresses = [address('127.0.0.1:80'), address('@a', 'uwsgi')];
    const bound = await bindQueues({ ...TWO_BY_TWO, access, addresses }, kernel);
    const [shared, ...others] = bound.queues.filter(({ slot }) => slot === undefined);
    assert.equal(others.length, 0);
    assert.deepEqual([shared?.listener, shared?.protocol], [1, 'uwsgi']);
    assert.deepEqual(kernel.unixCalls, [
      { name: 'a', abstractName: true, backlog: 100, ...access },
    ]);
    const [, facts] = bound.listeners;
    assert.deepEqual(facts, {
      family: 'unix',
      protocol: 'uwsgi',
      host: '@a',
      port: 0,
      text: '@a',
      autoPort: false,
      inherited: false,
    });
  });

  it('makes them own and shared in every worker', async () => {
    const bound = await bind(new FakeKernel(), ['@a', '127.0.0.1:80'], { loopsPerSlot: 1 });
    const seen = [0, 1].map((slot) =>
      queuesForSlot(bound.queues, slot, (_, number) => 4 + number).map(
        ({ fd, own, shared }) => `${fd}${own ? ' own' : ''}${shared ? ' shared' : ''}`,
      ),
    );
    assert.deepEqual(seen, [
      ['4 own shared', '5 own', '6'],
      ['4 own shared', '5', '6 own'],
    ]);
  });

  for (const [code, syscall, advice] of [
    ['EADDRINUSE', 'connect', /\/run\/a\.sock: another server listens there .*stop it/],
    ['EALREADY', 'bind(lock)', /another server is starting there/],
    ['ENOTSOCK', 'lstat', /not a socket and is not overwritten/],
    ['EPROTOTYPE', 'connect', /for datagrams/],
    ['ENOENT', 'stat', /directory \/run does not exist: create it/],
    ['ENOTDIR', 'stat', /directory \/run does not exist/],
    ['EACCES', 'bind', /may not create files in \/run/],
    ['EACCES', 'connect', /socket of another user/],
    ['EACCES', 'unlink', /remove the socket that a server left/],
    ['EPERM', 'chown', /only root gives files away/],
    ['EROFS', 'bind', /read-only/],
    ['EIO', 'bind', /refused \(EIO\)/],
  ] as const) {
    it(`explains ${code} of ${syscall}`, async () => {
      const kernel = new FakeKernel();
      kernel.bindUnixListener = () => {
        throw errno(code, syscall);
      };
      await assert.rejects(bind(kernel, ['/run/a.sock']), (error) => {
        assert.ok(error instanceof ListenError);
        assert.match(error.message, /^cannot listen on \/run\/a\.sock: /);
        assert.match(error.message, advice);
        return true;
      });
    });
  }
});

describe('taking inherited sockets', () => {
  const inherited = [
    { fd: 3, protocol: 'uwsgi' },
    { fd: 4, protocol: 'http' },
  ] as const;

  it('takes them for the addresses they listen at, in the protocol of the option', async () => {
    const kernel = new FakeKernel();
    kernel.pass(3, 'unix', '/run/a.sock');
    kernel.pass(4, 'ipv6', '::1', 80);
    const bound = await bind(kernel, ['127.0.0.1:81', '[0:0::1]:80', '/run/../run/a.sock'], {
      inherited,
    });
    assert.deepEqual(
      bound.listeners.map(({ text, protocol, inherited: passed }) => [text, protocol, passed]),
      [
        ['127.0.0.1:81', 'http', false],
        ['[0:0::1]:80', 'http', true],
        ['/run/../run/a.sock', 'http', true],
      ],
    );
    assert.deepEqual(
      bound.queues.filter(({ slot }) => slot === undefined).map(({ fd }) => fd),
      [4, 3],
    );
    assert.equal(kernel.unixCalls.length, 0);
    bound.close();
    assert.equal(kernel.open.size, 0);
  });

  it('takes [::]:port for :port, but no narrower address', async () => {
    const kernel = new FakeKernel();
    kernel.pass(3, 'ipv6', '::', 8080);
    const bound = await bind(kernel, [':8080'], { inherited: inherited.slice(0, 1) });
    assert.deepEqual(
      bound.listeners.map(({ host, port }) => `${host} ${port}`),
      [':: 8080'],
    );
    const other = new FakeKernel();
    other.pass(3, 'ipv4', '127.0.0.1', 8081);
    const narrow = bind(other, [':8081'], { inherited: inherited.slice(0, 1) });
    await assert.rejects(narrow, /:8081: the address is in use/);
  });

  it('listens on those that no option names, after the others', async () => {
    const kernel = new FakeKernel();
    kernel.pass(3, 'unix', '@b');
    kernel.pass(4, 'ipv6', '::1', 80);
    const bound = await bind(kernel, ['@a'], { inherited });
    assert.deepEqual(
      bound.listeners.map(({ text, protocol }) => `${protocol} ${text}`),
      ['http @a', 'uwsgi @b', 'http [::1]:80'],
    );
  });

  it('leaves them alone where somebody else is to have them', async () => {
    const kernel = new FakeKernel();
    kernel.pass(3, 'unix', '@b');
    kernel.pass(4, 'unix', '@a');
    const bound = await bind(kernel, ['@a'], { inherited, unclaimed: 'leave' });
    assert.deepEqual(
      bound.queues.map(({ fd }) => fd),
      [4],
    );
    bound.close();
    assert.deepEqual([...kernel.open.keys()], [3]);
  });

  it('takes a descriptor by its number', async () => {
    const kernel = new FakeKernel();
    kernel.pass(7, 'unix', '/run/a.sock');
    const bound = await bind(kernel, ['fd://7']);
    assert.deepEqual([bound.listeners[0]?.host, bound.queues[0]?.fd], ['/run/a.sock', 7]);
    await assert.rejects(bind(kernel, ['fd://8']), /inherited descriptor 8: it is not a socket/);
  });
});
