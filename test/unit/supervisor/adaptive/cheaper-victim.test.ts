import assert from 'node:assert/strict';
import {
  chooseVictim,
  type Candidate,
} from '../../../../src/supervisor/adaptive/cheaper-victim.js';

const worker = (slot: number, facts: Partial<Candidate> = {}): Candidate => ({
  slot,
  inFlight: 0,
  connections: 0,
  readyAt: slot,
  ...facts,
});

type Case = readonly [words: string, ready: readonly Candidate[], victim: number, handTo: number];

const CASES: readonly Case[] = [
  ['the oldest idle one', [worker(0, { readyAt: 9 }), worker(1), worker(2)], 1, 0],
  ['an idle one before an older one that is busy', [worker(0, { inFlight: 1 }), worker(1)], 1, 0],
  ['the least busy one', [worker(0, { inFlight: 5 }), worker(1, { inFlight: 2 })], 1, 0],
];

describe('which worker leaves', () => {
  for (const [words, ready, slot, handTo] of CASES)
    it(`is ${words}`, () => assert.deepEqual(chooseVictim(ready), { slot, handTo }));

  it('hands its connections to the one that has the fewest', () => {
    const ready = [worker(0), worker(1, { connections: 7 }), worker(2, { connections: 3 })];
    assert.deepEqual(chooseVictim(ready), { slot: 0, handTo: 2 });
  });

  it('is nobody where nobody would be left', () => {
    assert.equal(chooseVictim([worker(3)]), undefined);
    assert.equal(chooseVictim([]), undefined);
  });
});
