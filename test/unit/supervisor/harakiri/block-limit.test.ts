import assert from 'node:assert/strict';
import type { CellName } from '../../../../src/ipc/scoreboard.js';
import { blockLimitMs } from '../../../../src/supervisor/harakiri/block-limit.js';

const limit = (cells: Partial<Record<CellName, number>>, configuredMs: number): number =>
  blockLimitMs({ get: (name) => cells[name as CellName] ?? 0 }, configuredMs);

describe('how long an event loop may stand still', () => {
  it('is --harakiri, and for ever without it', () => {
    assert.equal(limit({}, 2000), 2000);
    assert.equal(limit({}, 0), Infinity);
  });

  it('is the limit of the call that runs, be it shorter or longer', () => {
    assert.equal(limit({ CALL_LENGTH: 5, CALL_LIMIT: 500, LONGEST_LIMIT: 9000 }, 2000), 500);
    assert.equal(limit({ CALL_LENGTH: 5, CALL_LIMIT: 9000 }, 2000), 9000);
    assert.equal(limit({ CALL_LENGTH: 5, CALL_LIMIT: Infinity }, 2000), Infinity);
  });

  it('is not longer for a call because another request may take longer', () => {
    assert.equal(limit({ CALL_LENGTH: 5, LONGEST_LIMIT: 9000 }, 2000), 2000);
  });

  it('is the longest one behind an await, where nobody knows whose code runs', () => {
    assert.equal(limit({ LONGEST_LIMIT: 9000 }, 2000), 9000);
    assert.equal(limit({ LONGEST_LIMIT: 500 }, 2000), 2000);
    assert.equal(limit({ LONGEST_LIMIT: Infinity }, 2000), Infinity);
    assert.equal(limit({ LONGEST_LIMIT: 500 }, 0), 500);
  });
});
