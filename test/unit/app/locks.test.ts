import assert from 'node:assert/strict';
import { Locks, PrivateLocks, type LockBackend } from '../../../src/app/locks.js';
import { LockError } from '../../../src/app/module-errors.js';

/** Two processes' view of the same locks. */
class Shared {
  readonly holders = new Map<number, string>();
  releases = 0;
  #waiting: (() => void)[] = [];

  as(process: string): LockBackend {
    return {
      count: 2,
      tryLock: (lock) => {
        if (this.holders.has(lock)) return false;
        this.holders.set(lock, process);
        return true;
      },
      unlock: (lock) => this.release(lock),
      held: (lock) => this.holders.has(lock),
      releases: () => this.releases,
      nextRelease: (seen) =>
        seen === this.releases
          ? new Promise((resolve) => this.#waiting.push(resolve))
          : Promise.resolve(),
    };
  }

  release(lock: number): void {
    this.holders.delete(lock);
    this.releases += 1;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

describe('locks', () => {
  it('are held by one at a time, in the order of asking', async () => {
    const locks = new Locks(new PrivateLocks(1));
    const order: string[] = [];
    const run = (name: string) =>
      locks.withLock(0, async () => {
        order.push(`${name} in`);
        await Promise.resolve();
        order.push(`${name} out`);
      });
    await Promise.all([run('a'), run('b'), run('c')]);
    assert.deepEqual(order, ['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
    assert.equal(locks.isLocked(0), false);
  });

  it('are given back when what runs with them throws', async () => {
    const locks = new Locks(new PrivateLocks(1));
    await assert.rejects(
      locks.withLock(0, () => {
        throw new Error('no');
      }),
      /no/,
    );
    assert.equal(locks.tryLock(0), true);
  });

  it('do not jump the queue with tryLock', async () => {
    const locks = new Locks(new PrivateLocks(1));
    await locks.lock(0);
    const next = locks.lock(0);
    assert.equal(locks.tryLock(0), false);
    locks.unlock(0);
    await next;
    assert.equal(locks.tryLock(0), false);
    locks.unlock(0);
    assert.equal(locks.tryLock(0), true);
  });

  it('come from another process when it gives them back', async () => {
    const shared = new Shared();
    const [here, there] = [new Locks(shared.as('here')), new Locks(shared.as('there'))];
    await there.lock(1);
    const got = here.lock(1);
    assert.equal(shared.holders.get(1), 'there');
    there.unlock(1);
    await got;
    assert.equal(shared.holders.get(1), 'here');
  });

  it('come from a process that died with them', async () => {
    const shared = new Shared();
    await new Locks(shared.as('dead')).lock(0);
    const got = new Locks(shared.as('here')).lock(0);
    shared.release(0);
    await got;
    assert.equal(shared.holders.get(0), 'here');
  });

  it('leave a process whose waiters do not end, so that others get them too', async () => {
    const shared = new Shared();
    const [greedy, modest] = [new Locks(shared.as('greedy')), new Locks(shared.as('modest'))];
    await greedy.lock(0);
    const got = { modest: false };
    const waiting = modest.lock(0).then(() => {
      got.modest = true;
    });
    for (let turn = 0; turn < 200 && !got.modest; turn += 1) {
      const next = greedy.lock(0);
      greedy.unlock(0);
      await Promise.race([next, waiting]);
    }
    assert.equal(got.modest, true);
    assert.equal(shared.holders.get(0), 'modest');
  });

  it('refuse numbers that there are not, and an unlock of what is not held', () => {
    const locks = new Locks(new PrivateLocks(2));
    for (const lock of [-1, 2, 0.5])
      assert.throws(() => locks.tryLock(lock), /numbered 0 to 1; more come with --locks/);
    assert.throws(
      () => locks.unlock(0),
      (error: unknown) => error instanceof LockError && /not held/.test(error.message),
    );
  });
});
