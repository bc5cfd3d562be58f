import assert from 'node:assert/strict';
import {
  nextState,
  type WorkerEvent,
  type WorkerState,
} from '../../../../src/supervisor/workers/lifecycle.js';

const STATES: readonly WorkerState[] = ['booting', 'ready', 'draining', 'killed', 'gone'];
const EVENTS: readonly WorkerEvent[] = ['ready', 'drain', 'bye', 'kill', 'exit'];

describe('worker lifecycle', () => {
  it('goes from booting over ready and draining to gone', () => {
    const path: WorkerState[] = ['booting'];
    for (const event of ['ready', 'drain', 'exit'] as const) {
      const next = nextState(path.at(-1) ?? 'gone', event);
      assert.ok(next);
      path.push(next);
    }
    assert.deepEqual(path, ['booting', 'ready', 'draining', 'gone']);
  });

  it('lets a worker exit from every state but gone', () => {
    for (const state of STATES) {
      assert.equal(nextState(state, 'exit'), state === 'gone' ? undefined : 'gone');
    }
  });

  it('never leads back to a worker that takes connections', () => {
    for (const event of EVENTS) {
      assert.notEqual(nextState('draining', event), 'ready', event);
      assert.notEqual(nextState('killed', event), 'ready', event);
      assert.notEqual(nextState('killed', event), 'draining', event);
    }
  });

  it('ends in gone', () => {
    for (const event of EVENTS) assert.equal(nextState('gone', event), undefined);
  });

  it('ignores a second ready', () => {
    assert.equal(nextState('ready', 'ready'), undefined);
  });
});
