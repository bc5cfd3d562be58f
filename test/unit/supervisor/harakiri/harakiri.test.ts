import assert from 'node:assert/strict';
import { evacuationOrder } from '../../../../src/supervisor/harakiri/harakiri.js';
import type { WorkerHandle } from '../../../../src/supervisor/workers/worker-handle.js';

type Ready = Pick<WorkerHandle, 'slot' | 'board'>;

const NOW = 100_000;

function ready(slot: number, connections: number, silentMs = 0): Ready {
  const row = {
    get: (cell: string) => (cell === 'HEARTBEAT' ? NOW - silentMs : connections),
  };
  return { slot, board: { number: slot, row } } as unknown as Ready;
}

const condemned = { slot: 1, senders: [21, 22, 23] };

describe('the order to a condemned worker', () => {
  it('names the channel of the ready worker with the fewest connections', () => {
    assert.equal(evacuationOrder(condemned, [ready(0, 9), ready(2, 3)], NOW), 23);
    assert.equal(evacuationOrder(condemned, [ready(0, 1), ready(2, 3)], NOW), 21);
  });

  it('names one whose event loop stands still only where there is no other', () => {
    assert.equal(evacuationOrder(condemned, [ready(0, 1, 5000), ready(2, 3)], NOW), 23);
    assert.equal(evacuationOrder(condemned, [ready(0, 1, 5000)], NOW), 21);
  });

  it('names its own slot, for whoever comes next, where nobody is ready, and says that it has to come', () => {
    assert.equal(evacuationOrder(condemned, [], NOW), -22);
  });

  it('names nobody where connections cannot be given away', () => {
    assert.equal(evacuationOrder({ slot: 0, senders: [] }, [ready(1, 0)], NOW), 1);
  });
});
