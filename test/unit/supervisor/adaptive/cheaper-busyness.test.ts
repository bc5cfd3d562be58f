import assert from 'node:assert/strict';
import {
  decideByBusyness,
  FIRST_BUSYNESS,
  type BusynessState,
} from '../../../../src/supervisor/adaptive/cheaper-busyness.js';
import type {
  BusynessSettings,
  CheaperSettings,
  Decision,
} from '../../../../src/supervisor/adaptive/cheaper-facts.js';

const BUSYNESS: BusynessSettings = {
  max: 50,
  min: 25,
  multiplier: 4,
  penalty: 2,
  backlogMultiplier: 2,
  backlogAlert: 33,
  backlogStep: 2,
  backlogNonzero: 60,
};

const SETTINGS: CheaperSettings = {
  algorithm: 'busyness',
  min: 1,
  max: 8,
  step: 2,
  overload: 3,
  idle: 10,
  rssSoft: 0,
  rssHard: 0,
  busyness: BUSYNESS,
};

interface Second {
  readonly load?: number;
  readonly backlog?: number;
  readonly booting?: number;
}

class Play {
  state: BusynessState = FIRST_BUSYNESS;
  now = 0;
  active: number;

  constructor(active: number) {
    this.active = active;
  }

  second({ load = 0, backlog = 0, booting = 0 }: Second): Decision {
    this.now += 1;
    const facts = { now: this.now, active: this.active, booting, load, backlog, residentBytes: 0 };
    const { state, decision } = decideByBusyness(this.state, facts, SETTINGS);
    this.state = state;
    this.active += decision.change;
    return decision;
  }

  /** The change at the end of each of these cycles of three seconds; nothing may happen before that. */
  cycles(count: number, second: Second): number[] {
    return Array.from({ length: count }, () => {
      assert.equal(this.second(second).change, 0);
      assert.equal(this.second(second).change, 0);
      return this.second(second).change;
    });
  }
}

describe('the busyness algorithm', () => {
  it('adds --cheaper-step workers at the end of a cycle above the upper mark', () => {
    const play = new Play(2);
    const decision = [1.1, 1.1, 1.1].map((load) => play.second({ load })).at(-1);
    assert.equal(decision?.change, 2);
    assert.match(decision.why ?? '', /busy for 55 % of their time, more than 50 %/);
  });

  it('goes by the mean of a cycle, not by one busy second', () => {
    const play = new Play(2);
    assert.deepEqual(
      [2, 0.4, 0.4].map((load) => play.second({ load }).change),
      [0, 0, 0],
    );
  });

  it('knows the mean of the last cycle that is over, until the next one is', () => {
    const play = new Play(2);
    const means = [2, 1, 0, 2, 2, 2].map((load) => {
      play.second({ load });
      return play.state.mean;
    });
    assert.deepEqual(means, [undefined, undefined, 50, 50, 50, 100]);
  });

  it('counts the time of workers that are ready, not of those that boot', () => {
    const play = new Play(2);
    assert.deepEqual(play.cycles(1, { load: 0.6, booting: 1 }), [2]);
  });

  it('removes one after --cheaper-busyness-multiplier cycles below the lower mark', () => {
    const play = new Play(3);
    assert.deepEqual(play.cycles(8, { load: 0.3 }), [0, 0, 0, -1, 0, 0, 0, -1]);
    assert.deepEqual(play.cycles(8, { load: 0 }), [0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('begins to count anew after a cycle between the marks', () => {
    const play = new Play(2);
    play.cycles(3, { load: 0.2 });
    play.cycles(1, { load: 0.8 });
    assert.deepEqual(play.cycles(4, { load: 0.2 }), [0, 0, 0, -1]);
  });

  it('is more patient when a worker was ended too early, and forgets that in time', () => {
    const play = new Play(2);
    play.cycles(4, { load: 0.2 });
    assert.equal(play.active, 1);
    assert.deepEqual(play.cycles(1, { load: 0.9 }), [2]);
    assert.equal(play.state.multiplier, 6);
    assert.deepEqual(play.cycles(6, { load: 0.3 }), [0, 0, 0, 0, 0, -1]);
    play.cycles(8, { load: 0.8 });
    assert.equal(play.state.multiplier, 4);
  });

  it('says when the next worker ends', () => {
    const play = new Play(2);
    const [, , last] = [0, 0, 0].map((load) => play.second({ load }));
    assert.equal(last?.about, 'cycle');
    assert.match(last.why ?? '', /0 % of their time, less than 25 %; a worker ends after 3 more/);
  });

  describe('where connections pile up', () => {
    it('adds --cheaper-busyness-backlog-step workers without waiting for the cycle', () => {
      const play = new Play(2);
      assert.equal(play.second({ backlog: 32 }).change, 0);
      assert.equal(play.second({ backlog: 33 }).change, 2);
      assert.equal(play.second({ backlog: 40, booting: 2 }).change, 0);
      assert.equal(play.active, 4);
    });

    it('adds them where any connection has waited for longer than --cheaper-busyness-backlog-nonzero', () => {
      const play = new Play(2);
      const changes = Array.from(
        { length: 62 },
        () => play.second({ backlog: 1, load: 0.8 }).change,
      );
      assert.deepEqual(changes.indexOf(2), 61);
      assert.equal(play.active, 4);
    });

    it('ends those workers after --cheaper-busyness-backlog-multiplier cycles', () => {
      const play = new Play(2);
      play.second({ backlog: 50 });
      play.second({ load: 0.1 });
      play.second({ load: 0.1 });
      assert.deepEqual(play.cycles(3, { load: 0.1 }), [-1, 0, -1]);
      assert.deepEqual(play.cycles(4, { load: 0.1 }), [0, 0, 0, -1]);
    });

    it('starts no more than --processes', () => {
      const play = new Play(7);
      assert.equal(play.second({ backlog: 50 }).change, 1);
      assert.equal(play.second({ backlog: 50 }).change, 0);
    });
  });
});
