import assert from 'node:assert/strict';
import { bindQueues, queuesForSlot } from '../../../src/binding/listeners.js';
import type { BindOptions, BoundListener } from '../../../src/binding/native.js';
import type { SocketAddress } from '../../../src/config/address.js';
import { ListenError } from '../../../src/errors.js';

/** The kernel's rules for ports, as far as binding uses them. */
class FakeKernel {
  readonly open = new Map<number, BindOptions & { readonly port: number }>();
  readonly calls: BindOptions[] = [];
  failAt = Infinity;
  failure = 'EMFILE';
  #nextFd = 10;
  #nextPort = 40_000;

  bindListener(options: BindOptions): BoundListener {
    this.calls.push(options);
    if (this.calls.length >= this.failAt) throw errno(this.failure);
    const port = options.port === 0 ? this.#nextPort++ : options.port;
    const clash = [...this.open.values()].some(
      (other) => other.port === port && !(other.reusePort && options.reusePort),
    );
    if (clash) throw errno('EADDRINUSE');
    const fd = this.#nextFd++;
    this.open.set(fd, { ...options, port });
    return { fd, host: options.host, port };
  }

  closeListener(fd: number): void {
    assert.ok(this.open.delete(fd), `fd ${fd} is not open`);
  }
}

function errno(code: string): Error {
  return Object.assign(new Error(`bind: ${code}`), { code });
}

const address = (host: string, port: number): SocketAddress => ({
  kind: 'tcp',
  host,
  port,
  text: `${host}:${port}`,
});

const TWO_BY_TWO = { slots: 2, loopsPerSlot: 2, backlog: 100 };

describe('binding queues', () => {
  it('binds one queue per slot, loop and address', async () => {
    const kernel = new FakeKernel();
    const addresses = [address('127.0.0.1', 80), address('127.0.0.2', 81)];
    const bound = await bindQueues({ addresses, ...TWO_BY_TWO }, kernel);
    assert.deepEqual(
      bound.queues.map(({ slot, loop, listener }) => [listener, slot, loop].join('')),
      ['000', '001', '010', '011', '100', '101', '110', '111'],
    );
    assert.equal(new Set(bound.queues.map(({ fd }) => fd)).size, 8);
    assert.ok(
      [...kernel.open.values()].every(({ reusePort, backlog }) => reusePort && backlog === 100),
    );
    bound.close();
    bound.close();
    assert.equal(kernel.open.size, 0);
  });

  it('takes one free port for all queues of an address', async () => {
    const kernel = new FakeKernel();
    const addresses = [address('127.0.0.1', 0), address('127.0.0.1', 0)];
    const bound = await bindQueues({ addresses, ...TWO_BY_TWO }, kernel);
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
    const addresses = [address('127.0.0.1', 79), address('127.0.0.1', 80)];
    await assert.rejects(bindQueues({ addresses, ...TWO_BY_TWO }, kernel), (error) => {
      assert.ok(error instanceof ListenError);
      assert.match(error.message, /127\.0\.0\.1:80: the address is in use, .*another port/);
      return true;
    });
    assert.equal(kernel.open.size, 1);
  });

  it('needs no SO_REUSEPORT for a single queue', async () => {
    const kernel = new FakeKernel();
    const options = { addresses: [address('::1', 80)], slots: 1, loopsPerSlot: 1, backlog: 5 };
    await bindQueues(options, kernel);
    assert.deepEqual(kernel.calls, [{ host: '::1', port: 80, backlog: 5, reusePort: false }]);
  });

  for (const [code, advice] of [
    ['EACCES', /CAP_NET_BIND_SERVICE/],
    ['EADDRNOTAVAIL', /no network interface/],
    ['EMFILE', /4 listening sockets are needed \(2 processes × 2 I\/O loops × 1 addresses\)/],
    ['EPROTO', /refused \(EPROTO\)/],
  ] as const) {
    it(`explains ${code} and leaves nothing bound`, async () => {
      const kernel = new FakeKernel();
      kernel.failAt = 4;
      kernel.failure = code;
      const options = { addresses: [address('10.0.0.1', 80)], ...TWO_BY_TWO };
      await assert.rejects(bindQueues(options, kernel), advice);
      assert.equal(kernel.open.size, 0);
    });
  }

  it('tells each worker which queues are its own', () => {
    const queues = [
      { fd: 10, slot: 0, loop: 0, listener: 0 },
      { fd: 11, slot: 1, loop: 0, listener: 0 },
    ];
    assert.deepEqual(
      queuesForSlot(queues, 1, (_, number) => 4 + number).map(({ fd, own }) => [fd, own]),
      [
        [4, false],
        [5, true],
      ],
    );
  });
});
