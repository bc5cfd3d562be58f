import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mock } from 'node:test';
import { LostLocks } from '../../../src/supervisor/lost-locks.js';

describe('locks whose holder died', () => {
  const holders = [0, 0, 0, 0];
  const own = new Set<number>();
  const log: string[] = [];
  let lost: LostLocks;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] });
    const write = (message: string): void => void log.push(message);
    lost = new LostLocks({
      locks: {
        holder: (lock) => holders[lock] ?? 0,
        releaseAll: (pid) => {
          const held = holders.filter((holder) => holder === pid).length;
          holders.forEach((holder, lock) => holder === pid && holders.fill(0, lock, lock + 1));
          return held;
        },
      },
      count: holders.length,
      ownPids: () => own,
      logger: { fact: write, info: write, warn: write, error: write },
    });
  });

  afterEach(() => {
    lost.stop();
    mock.timers.reset();
    log.length = 0;
  });

  it('are given back as soon as others use them too; the living keep theirs', () => {
    const dead = spawnSync('true').pid;
    holders.splice(0, 4, dead, process.pid, 0, dead);
    mock.timers.tick(5000);
    assert.equal(log.length, 0);
    lost.watchOthers();
    lost.watchOthers();
    mock.timers.tick(1000);
    assert.deepEqual(holders, [0, process.pid, 0, 0]);
    assert.equal(log.length, 1);
    assert.match(log[0] ?? '', /of the other master \(pid \d+\) died with 2 locks .* given back/);
    lost.stop();
    holders.fill(dead);
    mock.timers.tick(5000);
    assert.equal(log.length, 1);
  });

  it('are left to whoever buries it, where it was a worker of this master', () => {
    const dead = spawnSync('true').pid;
    holders.fill(dead);
    own.add(dead);
    lost.watchOthers();
    mock.timers.tick(1000);
    assert.equal(log.length, 0);
    lost.giveBack(dead, 'worker 1', 1);
    assert.match(log[0] ?? '', /^worker 1 \(pid \d+\) died with 4 locks/);
  });
});
