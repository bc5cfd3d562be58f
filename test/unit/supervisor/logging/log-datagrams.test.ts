import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { mock } from 'node:test';
import { UnixDatagramTarget } from '../../../../src/supervisor/logging/log-datagrams.js';
import type { OutputAddon } from '../../../../src/supervisor/logging/log-target.js';

const EAGAIN = 11;
/** net.unix.max_dgram_qlen, as kernels have it. */
const ROOM = 10;

/** A receiver's queue. */
class Queue {
  readonly received: string[] = [];
  attempts = 0;
  #held: string[] = [];

  readonly addon: OutputAddon = {
    connectDatagram: () => openSync('/dev/null', 'w'),
    openOutput: () => (datagram) => this.#take(Buffer.from(datagram)),
    makeFifo: () => assert.fail('not expected here'),
  };

  read(): void {
    this.received.push(...this.#held);
    this.#held = [];
  }

  #take(datagram: Buffer) {
    this.attempts += 1;
    if (this.#held.length === ROOM) return { bytes: 0, error: EAGAIN };
    this.#held.push(datagram.toString());
    return { bytes: datagram.length, error: 0 };
  }
}

function lines(count: number, from = 0): string {
  return Array.from({ length: count }, (_, index) => `${from + index}\n`).join('');
}

describe('datagrams to a UNIX socket', () => {
  let queue: Queue;
  let target: UnixDatagramTarget;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    queue = new Queue();
    target = new UnixDatagramTarget('socket', '/unused', queue.addon, (line) => line);
  });

  afterEach(() => {
    target.close();
    mock.timers.reset();
  });

  it('reach a receiver that reads as fast as its queue has room, in order', () => {
    const count = 50 * ROOM;
    target.write(lines(count));
    for (let ms = 0; ms < 50; ms += 1) {
      queue.read();
      mock.timers.tick(1);
    }
    queue.read();
    assert.deepEqual(queue.received, lines(count).trim().split('\n'));
    assert.deepEqual(target.state, { dropped: 0, refusal: undefined });
  });

  it('go on with the next line where the receiver has read meanwhile', () => {
    target.write(lines(ROOM + 1));
    queue.read();
    target.write(lines(1, ROOM + 1));
    queue.read();
    assert.equal(queue.received.length, ROOM + 2);
  });

  it('wait no longer where further lines meet a queue that is still full', () => {
    target.write(lines(ROOM + 1));
    for (let line = 1; line < ROOM; line += 1) target.write(lines(1, ROOM + line));
    queue.read();
    mock.timers.tick(1);
    queue.read();
    assert.deepEqual(
      queue.received,
      lines(2 * ROOM)
        .trim()
        .split('\n'),
    );
  });

  it('are offered less and less often to one that does not read', () => {
    target.write(lines(ROOM + 1));
    assert.equal(target.state.refusal, 'nobody reads it, or too slowly');
    queue.attempts = 0;
    for (let ms = 0; ms < 1000; ms += 1) mock.timers.tick(1);
    assert.ok(queue.attempts < 30, String(queue.attempts));
  });
});
