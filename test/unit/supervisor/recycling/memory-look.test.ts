import assert from 'node:assert/strict';
import { ScoreboardRow, scoreboardBytes } from '../../../../src/ipc/scoreboard.js';
import { MemoryLook } from '../../../../src/supervisor/recycling/memory-look.js';

describe('MemoryLook', () => {
  it('writes what a process has, and leaves alone what is gone', () => {
    const memory = new ArrayBuffer(scoreboardBytes(2, 1));
    const [own, gone] = [0, 1].map((number) => new ScoreboardRow(memory, number, 1)) as [
      ScoreboardRow,
      ScoreboardRow,
    ];
    gone.set('RESIDENT_BYTES', 7);
    const look = new MemoryLook(() => [
      { pid: process.pid, board: { number: 0, row: own } },
      { pid: 2 ** 30, board: { number: 1, row: gone } },
      { pid: process.pid, board: undefined },
    ]);
    look.look();
    assert.ok(own.get('RESIDENT_BYTES') > 1e7);
    assert.ok(own.get('ADDRESS_SPACE_BYTES') > own.get('RESIDENT_BYTES'));
    assert.equal(gone.get('RESIDENT_BYTES'), 7);
  });
});
