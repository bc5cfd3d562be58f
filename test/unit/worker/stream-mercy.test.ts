import assert from 'node:assert/strict';
import type { LiveExchange } from '../../../src/worker/gateway/gateway.js';
import { StreamMercy } from '../../../src/worker/stream-mercy.js';
import { waitUntil } from '../../helpers/wait-until.js';

function exchanges(asked: string[]): {
  oldestFirst(): IterableIterator<LiveExchange>;
} {
  const one = (name: string): LiveExchange => ({
    slot: 0,
    generation: 0,
    input: { push: () => undefined, end: () => undefined, abort: () => undefined },
    writable: () => undefined,
    abort: () => undefined,
    askToEnd: () => asked.push(name),
  });
  return { oldestFirst: () => [one('first'), one('second')].values() };
}

describe('the mercy for streams', () => {
  it('asks every response to end when it is over', async () => {
    const asked: string[] = [];
    const mercy = new StreamMercy(0.01, exchanges(asked));
    mercy.begin();
    mercy.begin();
    await waitUntil('both to be asked', () => asked.length >= 2);
    assert.deepEqual(asked, ['first', 'second']);
    mercy.stop();
  });

  it('asks nobody where there is none', () => {
    const asked: string[] = [];
    const mercy = new StreamMercy(0, exchanges(asked));
    mercy.begin();
    mercy.stop();
    assert.deepEqual(asked, []);
  });
});
