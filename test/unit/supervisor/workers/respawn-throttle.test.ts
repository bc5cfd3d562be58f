import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  NO_DEATHS,
  recordDeath,
  respawnDelayMs,
  shouldGiveUp,
  type Death,
} from '../../../../src/supervisor/workers/respawn-throttle.js';

const OPTIONS = { delayMs: 500, maxDelayMs: 30_000, giveUpAfter: 10 };
const MIDDLE = 0.5;

function delaysAfter(deaths: readonly Death[]): number[] {
  let record = NO_DEATHS;
  return deaths.map((death) => {
    record = recordDeath(record, death);
    return respawnDelayMs(record, OPTIONS, MIDDLE);
  });
}

const BOOT_DEATH: Death = { readyForMs: undefined, crash: true };

describe('respawn throttle', () => {
  it('doubles the pause with every death before ready, up to the longest', () => {
    const delays = delaysAfter(Array.from({ length: 9 }, () => BOOT_DEATH));
    assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('slows a worker down that crashes soon after it was ready', () => {
    const young = { readyForMs: 100, crash: true };
    assert.deepEqual(delaysAfter([young, young]), [500, 1000]);
  });

  it('respawns at once what somebody killed, however young', () => {
    const killed = { readyForMs: 100, crash: false };
    assert.deepEqual(delaysAfter([killed, killed, killed]), [0, 0, 0]);
  });

  it('forgets earlier deaths when a worker was healthy', () => {
    const healthy = { readyForMs: 60_000, crash: true };
    assert.deepEqual(
      delaysAfter([BOOT_DEATH, BOOT_DEATH, healthy, BOOT_DEATH]),
      [500, 1000, 0, 500],
    );
  });

  it('counts a kill during boot: a boot that always runs out of memory is a loop', () => {
    const killed = { readyForMs: undefined, crash: false };
    assert.deepEqual(delaysAfter([killed, killed]), [500, 1000]);
  });

  it('is never longer than the longest pause, whatever the numbers', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 100_000 }),
        fc.nat({ max: 86_400_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (youngDeaths, delayMs, random) => {
          const delay = respawnDelayMs({ youngDeaths }, { ...OPTIONS, delayMs }, random);
          return Number.isInteger(delay) && delay >= 0 && delay <= OPTIONS.maxDelayMs;
        },
      ),
    );
  });

  it('spreads the pauses', () => {
    const record = recordDeath(NO_DEATHS, BOOT_DEATH);
    assert.equal(respawnDelayMs(record, OPTIONS, 0), 400);
    assert.equal(respawnDelayMs(record, OPTIONS, 0.999_999), 600);
  });

  it('gives up only while nobody is ready', () => {
    assert.equal(shouldGiveUp(9, 0, OPTIONS), false);
    assert.equal(shouldGiveUp(10, 0, OPTIONS), true);
    assert.equal(shouldGiveUp(10, 1, OPTIONS), false);
    assert.equal(shouldGiveUp(1_000_000, 0, { ...OPTIONS, giveUpAfter: 0 }), false);
  });
});
