import assert from 'node:assert/strict';
import { closeSync, fstatSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import type { BoundQueues } from '../../../src/binding/bound-queues.js';
import type { BindUnixOptions, BoundListener } from '../../../src/binding/native.js';
import { addPrivateSockets } from '../../../src/binding/private-sockets.js';
import { onCleanup } from '../../helpers/cleanup.js';

const OPTIONS = { slots: 2, loopsPerSlot: 2, backlog: 5 };

/** Makes files where the addon would make sockets: nothing here connects. */
class FakeAddon {
  readonly closed: number[] = [];
  readonly bound: BindUnixOptions[] = [];
  readonly #servers: Server[] = [];
  failAt = Infinity;

  constructor() {
    onCleanup(() => {
      for (const server of this.#servers) server.close();
    });
  }

  bindUnixListener(options: BindUnixOptions): BoundListener {
    if (this.bound.length === this.failAt) throw new Error('no more sockets');
    this.bound.push(options);
    const server = createServer();
    server.listen(options.name);
    this.#servers.push(server);
    return { fd: 100 + this.bound.length, host: options.name, port: 0, family: 'unix' };
  }

  closeListener(fd: number): void {
    this.closed.push(fd);
  }
}

function bound(): BoundQueues & { closes: number } {
  return {
    queues: [{ fd: 9, slot: 0, loop: 0, listener: 0, protocol: 'http' }],
    listeners: [],
    removeFiles: () => [],
    leaveFiles: () => undefined,
    claimFiles: () => undefined,
    closes: 0,
    close() {
      this.closes += 1;
    },
  };
}

function leftBehind(): string[] {
  return readdirSync(tmpdir()).filter((name) => /^tsuwsgi-private-/.test(name));
}

describe('private sockets', () => {
  it('are one for each loop of each worker, with an endpoint and no name', () => {
    const addon = new FakeAddon();
    const { queues, endpoints } = addPrivateSockets(bound(), OPTIONS, addon);
    assert.deepEqual(
      queues.queues.map(({ fd, slot, loop, protocol }) => [fd, slot, loop, protocol]),
      [
        [9, 0, 0, 'http'],
        [101, 0, 0, 'uwsgi'],
        [102, 0, 1, 'uwsgi'],
        [103, 1, 0, 'uwsgi'],
        [104, 1, 1, 'uwsgi'],
      ],
    );
    assert.deepEqual(
      endpoints.map(({ slot, loop }) => [slot, loop]),
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ],
    );
    for (const { fd } of endpoints) assert.ok(fstatSync(fd).isSocket());
    assert.deepEqual(leftBehind(), []);
    queues.close();
  });

  it('close with the other queues', () => {
    const addon = new FakeAddon();
    const others = bound();
    const { queues, endpoints } = addPrivateSockets(others, OPTIONS, addon);
    queues.close();
    assert.deepEqual(addon.closed, [101, 102, 103, 104]);
    assert.equal(others.closes, 1);
    for (const { fd } of endpoints) assert.throws(() => closeSync(fd), /EBADF/);
  });

  it('leave nothing where one of them cannot be bound', () => {
    const addon = new FakeAddon();
    addon.failAt = 3;
    assert.throws(() => addPrivateSockets(bound(), OPTIONS, addon), /no more sockets/);
    assert.deepEqual(addon.closed, [101, 102, 103]);
    assert.deepEqual(leftBehind(), []);
  });
});
