import assert from 'node:assert/strict';
import { bindQueues, type BindQueuesOptions } from '../../../src/binding/bind-queues.js';
import { socketFds, type BoundQueues } from '../../../src/binding/bound-queues.js';
import { keptListeners, type KeptListener } from '../../../src/binding/kept-sockets.js';
import { parseAddress } from '../../../src/config/address.js';
import { FakeKernel } from './fake-kernel.js';

const TCP = {
  family: 'tcp',
  host: '127.0.0.1',
  port: 80,
  text: '127.0.0.1:80',
  protocol: 'http',
  autoPort: false,
  inherited: false,
  ownsFile: false,
} as const;

/** A running server's sockets for one address, one for each of its I/O loops. */
function keptTcp(kernel: FakeKernel, fds: readonly number[]): KeptListener {
  for (const fd of fds) kernel.pass(fd, 'ipv4', TCP.host, TCP.port, true);
  return { ...TCP, fds };
}

function takeOver(
  kernel: FakeKernel,
  kept: readonly KeptListener[],
  options: Partial<BindQueuesOptions> & { readonly text?: string } = {},
): Promise<BoundQueues> {
  const parsed = parseAddress(options.text ?? TCP.text);
  assert.ok(parsed.ok);
  return bindQueues(
    {
      addresses: [{ ...parsed.value, protocol: 'http' }],
      slots: 2,
      loopsPerSlot: 1,
      backlog: 100,
      access: { mode: -1, owner: -1, group: -1 },
      inherited: [],
      unclaimed: 'listen',
      kept,
      ...options,
    },
    kernel,
  );
}

const places = ({ queues }: BoundQueues) => queues.map(({ fd, slot, loop }) => [fd, slot, loop]);

describe('taking the sockets that a running server left', () => {
  it('gives them to slots and I/O loops in their order', async () => {
    const kernel = new FakeKernel();
    const bound = await takeOver(kernel, [keptTcp(kernel, [3, 4, 5, 6])], { loopsPerSlot: 2 });
    assert.deepEqual(places(bound), [
      [3, 0, 0],
      [4, 0, 1],
      [5, 1, 0],
      [6, 1, 1],
    ]);
    assert.equal(kernel.calls.length, 0);
    assert.deepEqual(keptListeners(bound)[0]?.fds, [3, 4, 5, 6]);
  });

  it('shares them where there are fewer than I/O loops, and passes each on once', async () => {
    const kernel = new FakeKernel();
    const bound = await takeOver(kernel, [keptTcp(kernel, [3, 4])], { slots: 3 });
    assert.deepEqual(places(bound), [
      [3, 0, 0],
      [4, 1, 0],
      [3, 2, 0],
    ]);
    assert.equal(kernel.calls.length, 0);
    assert.deepEqual(keptListeners(bound)[0]?.fds, [3, 4]);
    assert.deepEqual(socketFds(bound.queues), [3, 4]);
    bound.close();
    assert.equal(kernel.open.size, 0);
  });

  it('gives some I/O loops several where there are more', async () => {
    const kernel = new FakeKernel();
    const bound = await takeOver(kernel, [keptTcp(kernel, [3, 4, 5])]);
    assert.deepEqual(places(bound), [
      [3, 0, 0],
      [4, 1, 0],
      [5, 0, 0],
    ]);
  });

  it('shares a socket that is the only one among several I/O loops', async () => {
    const kernel = new FakeKernel();
    const bound = await takeOver(kernel, [keptTcp(kernel, [3])]);
    assert.deepEqual(places(bound), [[3, undefined, 0]]);
    assert.equal(kernel.calls.length, 0);
  });

  it('knows an address with a port of the kernel by how it was written', async () => {
    const kernel = new FakeKernel();
    const kept = { ...keptTcp(kernel, [3, 4]), autoPort: true, text: '127.0.0.1:0' };
    const bound = await takeOver(kernel, [kept], { text: '127.0.0.1:0' });
    assert.deepEqual([bound.listeners[0]?.port, bound.listeners[0]?.autoPort], [80, true]);
    assert.equal(kernel.calls.length, 0);
  });

  it('closes those of addresses that are not configured any more', async () => {
    const kernel = new FakeKernel();
    const bound = await takeOver(kernel, [keptTcp(kernel, [3, 4])], { text: '127.0.0.1:81' });
    assert.deepEqual([kernel.open.has(3), kernel.open.has(4)], [false, false]);
    bound.close();
    assert.equal(kernel.open.size, 0);
  });

  it('closes all of them once where the start fails', async () => {
    const kernel = new FakeKernel();
    kernel.failAt = 1;
    await assert.rejects(
      takeOver(kernel, [keptTcp(kernel, [3, 4])], { text: '127.0.0.1:81' }),
      /the limit of open files is/,
    );
    assert.equal(kernel.open.size, 0);
  });
});
