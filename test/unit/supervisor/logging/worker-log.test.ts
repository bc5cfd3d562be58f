import assert from 'node:assert/strict';
import { ScoreboardRow, scoreboardBytes } from '../../../../src/ipc/scoreboard.js';
import { workerDropSources } from '../../../../src/supervisor/logging/worker-log.js';
import { settleBoard } from '../../../../src/supervisor/workers/slot-totals.js';
import { makeSlots } from '../../../../src/supervisor/workers/slot.js';
import type { WorkerHandle } from '../../../../src/supervisor/workers/worker-handle.js';
import { BoardWriter } from '../../ipc/board-writer.js';

function worker(): { readonly handle: WorkerHandle; readonly row: ScoreboardRow } {
  const row = new ScoreboardRow(new ArrayBuffer(scoreboardBytes(1, 1)), 0, 1);
  return { row, handle: { board: { row, number: 0 } } as unknown as WorkerHandle };
}

describe('lines that workers lose', () => {
  it('stay counted when their worker has ended, and the next one has to try before all is well', () => {
    const [slot] = makeSlots(1);
    assert.ok(slot !== undefined);
    const look = () => workerDropSources([slot])[0];
    const [first, next] = [worker(), worker()];
    first.row.set('HEARTBEAT', 1);
    const core = new BoardWriter(first.row);
    core.counter('LOG_DROPPED', 5);
    core.counter('LOG_WAITING', 100);
    slot.worker = first.handle;
    const refusal = 'nobody reads it, or there is no room';
    const name = 'log of worker 1';
    assert.deepEqual(look(), { name, dropped: 5, refusal, unused: false });
    first.row.set('LOG_LINES_DROPPED', 2);
    settleBoard(slot, first.handle, undefined);
    slot.worker = next.handle;
    assert.deepEqual(look(), { name, dropped: 7, refusal: undefined, unused: true });
    next.row.set('LOG_LINES_WAITING', 1);
    next.row.set('HEARTBEAT', 1);
    assert.deepEqual(look(), { name, dropped: 7, refusal, unused: false });
    next.row.set('LOG_LINES_WAITING', 0);
    assert.deepEqual(look(), { name, dropped: 7, refusal: undefined, unused: false });
  });
});
