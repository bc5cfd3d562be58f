import assert from 'node:assert/strict';
import {
  decideCount,
  FIRST_STATE,
  type CheaperState,
} from '../../../../src/supervisor/adaptive/cheaper-algorithms.js';
import type {
  CheaperSettings,
  Decision,
  LoadFacts,
} from '../../../../src/supervisor/adaptive/cheaper-facts.js';

const MEGABYTE = 1024 * 1024;

const SETTINGS: CheaperSettings = {
  algorithm: 'spare',
  min: 1,
  max: 4,
  step: 1,
  overload: 3,
  idle: 10,
  rssSoft: 0,
  rssHard: 0,
  busyness: {
    max: 50,
    min: 25,
    multiplier: 10,
    penalty: 2,
    backlogMultiplier: 3,
    backlogAlert: 33,
    backlogStep: 2,
    backlogNonzero: 60,
  },
};

interface Scene extends Partial<LoadFacts> {
  readonly settings?: Partial<CheaperSettings>;
  readonly asked?: number;
}

/** A server whose workers are started and ended at once, as it is told to. */
class Play {
  state: CheaperState = FIRST_STATE;
  active: number;
  now = 100;
  readonly settings: CheaperSettings;

  constructor(active: number, settings: Partial<CheaperSettings> = {}) {
    this.active = active;
    this.settings = { ...SETTINGS, ...settings };
  }

  second(facts: Partial<LoadFacts> = {}, asked = 0): Decision {
    const all = { booting: 0, load: 0, backlog: 0, residentBytes: 0, ...facts };
    const { active, now } = this;
    const { state, decision } = decideCount(
      this.state,
      { active, now, ...all },
      this.settings,
      asked,
    );
    this.state = state;
    this.active += decision.change;
    this.now += 1;
    return decision;
  }

  /** What changed in each of these seconds. `share`: of the load that a worker takes on. */
  seconds(count: number, facts: Partial<LoadFacts> | ((active: number) => Partial<LoadFacts>)) {
    return Array.from({ length: count }, () => {
      const now = typeof facts === 'function' ? facts(this.active) : facts;
      return this.second(now).change;
    });
  }
}

/** A load that fills as many workers as it can get. */
const demand = (workers: number) => (active: number) => ({ load: Math.min(workers, active) });

const once = (active: number, { settings, asked, ...facts }: Scene): number =>
  new Play(active, settings).second(facts, asked).change;

describe('cheaper algorithms', () => {
  describe('spare', () => {
    const BUSY_FOR: readonly [overload: number, seconds: readonly number[]][] = [
      [3, [0, 0, 0, 1]],
      [1, [0, 1]],
      [0, [1]],
    ];
    for (const [overload, expected] of BUSY_FOR) {
      it(`adds a worker when all were busy for more than ${overload} seconds`, () => {
        const play = new Play(1, { overload });
        assert.deepEqual(play.seconds(expected.length, { load: 1 }), expected);
      });
    }

    it('adds --cheaper-step at a time, and never more than --processes', () => {
      const play = new Play(1, { overload: 0, step: 2 });
      assert.deepEqual(
        play.seconds(4, (active) => ({ load: active })),
        [2, 1, 0, 0],
      );
      assert.equal(play.active, 4);
    });

    it('wears overload off again, second by second', () => {
      const play = new Play(2);
      play.seconds(3, { load: 2 });
      play.seconds(2, { load: 1 });
      assert.deepEqual(play.seconds(3, { load: 2 }), [0, 0, 1]);
    });

    it('removes one every --cheaper-overload seconds while more than one is free', () => {
      const play = new Play(4);
      assert.deepEqual(play.seconds(9, { load: 0 }), [0, 0, -1, 0, 0, -1, 0, 0, -1]);
      assert.deepEqual(play.seconds(9, { load: 0 }), [0, 0, 0, 0, 0, 0, 0, 0, 0]);
      assert.equal(play.active, 1);
    });

    it('leaves one free worker alone', () => {
      const play = new Play(2);
      assert.deepEqual(play.seconds(6, { load: 0.9 }), [0, 0, 0, 0, 0, 0]);
    });

    for (const load of [0.1, 0.7, 0.8, 1.2, 1.6, 2.3, 3.1, 5]) {
      it(`comes to rest under a steady load of ${load}`, () => {
        for (const start of [1, 4]) {
          const play = new Play(start);
          play.seconds(60, demand(load));
          assert.deepEqual(new Set(play.seconds(60, demand(load))), new Set([0]));
          assert.ok(play.active >= Math.min(4, load), `${play.active} workers for ${load}`);
        }
      });
    }
  });

  describe('spare2', () => {
    const CASES: readonly [string, number, Scene, number][] = [
      ['adds what is missing at once', 2, { load: 2 }, 2],
      [
        'adds no more than --cheaper-step',
        4,
        { load: 4, settings: { algorithm: 'spare2', min: 2, max: 8 } },
        1,
      ],
      ['is content with as many free ones', 3, { load: 0.8 }, 0],
    ];
    for (const [words, active, scene, expected] of CASES) {
      it(words, () => {
        const settings = { algorithm: 'spare2', min: 2, step: 2, max: 8 } as const;
        assert.equal(once(active, { settings, ...scene }), expected);
      });
    }

    it('removes one when too many were free for --cheaper-idle seconds', () => {
      const play = new Play(4, { algorithm: 'spare2', min: 2, idle: 3 });
      assert.deepEqual(play.seconds(7, { load: 0 }), [0, 0, -1, 0, 0, -1, 0]);
    });
  });

  describe('backlog', () => {
    const CASES: readonly [string, Scene, number][] = [
      ['adds where more wait than --cheaper-overload', { backlog: 4 }, 1],
      ['does nothing where exactly as many wait', { backlog: 3 }, 0],
      ['removes where fewer wait', { backlog: 2 }, -1],
      ['waits for what boots', { backlog: 9, booting: 1 }, 0],
    ];
    for (const [words, scene, expected] of CASES)
      it(words, () =>
        assert.equal(once(2, { ...scene, settings: { algorithm: 'backlog' } }), expected),
      );
  });

  it('manual does nothing of itself', () => {
    const settings = { algorithm: 'manual' } as const;
    assert.equal(once(2, { settings, load: 2, backlog: 99 }), 0);
    assert.equal(once(2, { settings }), 0);
  });

  describe('the operator', () => {
    const CASES: readonly [string, number, Scene, number][] = [
      ['adds a worker', 2, { asked: 1 }, 1],
      ['removes a worker', 2, { asked: -1 }, -1],
      ['gets no more than --processes', 4, { asked: 1 }, 0],
      ['keeps --cheaper', 1, { asked: -1 }, 0],
      ['is held back by memory', 2, { asked: 1, residentBytes: 9, settings: { rssSoft: 9 } }, 0],
    ];
    for (const [words, active, scene, expected] of CASES)
      it(words, () => assert.equal(once(active, scene), expected));
  });

  describe('the limits of memory', () => {
    it('the soft one holds back workers, and says why', () => {
      const play = new Play(2, { overload: 0, rssSoft: 100 * MEGABYTE });
      const held = play.second({ load: 2, residentBytes: 100 * MEGABYTE });
      assert.equal(held.change, 0);
      assert.equal(held.about, 'memory');
      assert.match(held.why ?? '', /100 MB .*cheaper-rss-limit-soft.*no worker is added/);
      assert.equal(play.second({ load: 2, residentBytes: 99 * MEGABYTE }).change, 1);
    });

    it('the hard one ends workers down to the minimum, however busy they are', () => {
      const play = new Play(3, { overload: 0, rssHard: 100 * MEGABYTE });
      const facts = { load: 3, residentBytes: 101 * MEGABYTE };
      assert.deepEqual(play.seconds(4, facts), [-1, -1, 0, 0]);
      assert.equal(play.active, 1);
    });
  });
});
