import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  assignmentChange,
  assignQueues,
  type Assignment,
} from '../../../../src/supervisor/workers/neighbours.js';

/** Three slots with two queues each. */
const OWNERS = [0, 0, 1, 1, 2, 2];
const NOBODY: Assignment = OWNERS.map(() => undefined);

const asObject = (queues: ReadonlyMap<number, readonly number[]>): Record<string, unknown> =>
  Object.fromEntries(queues);

describe('neighbours', () => {
  it('gives every queue to its own worker when all are ready', () => {
    assert.deepEqual(assignQueues(OWNERS, new Set([0, 1, 2]), NOBODY), OWNERS);
  });

  it('lets the first ready worker serve everybody', () => {
    assert.deepEqual(assignQueues(OWNERS, new Set([1]), NOBODY), [1, 1, 1, 1, 1, 1]);
  });

  it('spreads the queues of an absent worker over its neighbours', () => {
    assert.deepEqual(assignQueues(OWNERS, new Set([0, 2]), OWNERS), [0, 0, 2, 0, 2, 2]);
  });

  it('leaves a queue with the neighbour that has it', () => {
    const current = [0, 0, 0, 0, 2, 2];
    assert.deepEqual(assignQueues(OWNERS, new Set([0, 2]), current), current);
  });

  it('serves nothing when nobody is ready', () => {
    assert.deepEqual(assignQueues(OWNERS, new Set(), OWNERS), NOBODY);
  });

  it('tells neighbours what to adopt, and nobody about its own queues', () => {
    const change = assignmentChange(OWNERS, OWNERS, [0, 0, 2, 0, 2, 2], new Set([0, 2]));
    assert.deepEqual(asObject(change.adopt), { 0: [3], 2: [2] });
    assert.deepEqual(asObject(change.release), {});
  });

  it('tells neighbours to release when the worker is back', () => {
    const change = assignmentChange(OWNERS, [0, 0, 2, 0, 2, 2], OWNERS, new Set([0, 1, 2]));
    assert.deepEqual(asObject(change.adopt), {});
    assert.deepEqual(asObject(change.release), { 0: [3], 2: [2] });
  });

  it('leaves shared queues to everybody', () => {
    const owners = [undefined, 0, 1, undefined];
    const before = assignQueues(owners, new Set([0, 1]), [
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    assert.deepEqual(before, owners);
    const after = assignQueues(owners, new Set([1]), before);
    assert.deepEqual(after, [undefined, 1, 1, undefined]);
    const change = assignmentChange(owners, before, after, new Set([1]));
    assert.deepEqual(asObject(change.adopt), { 1: [1] });
  });

  it('says nothing to a worker that is gone', () => {
    const change = assignmentChange(OWNERS, [1, 1, 1, 1, 1, 1], OWNERS, new Set([0, 2]));
    assert.equal(change.release.size, 0);
  });
});

/** Follows the messages as workers do: what each polls besides its own queues. */
class Workers {
  readonly adopted = new Map<number, Set<number>>();

  become(ready: ReadonlySet<number>): void {
    for (const slot of this.adopted.keys()) if (!ready.has(slot)) this.adopted.delete(slot);
    for (const slot of ready) if (!this.adopted.has(slot)) this.adopted.set(slot, new Set());
  }

  polledBy(owners: readonly number[], queue: number): number[] {
    return [...this.adopted]
      .filter(([slot, queues]) => owners[queue] === slot || queues.has(queue))
      .map(([slot]) => slot);
  }
}

describe('neighbours, over any history', () => {
  const history = fc.array(fc.subarray([0, 1, 2, 3]), { minLength: 1, maxLength: 30 });

  it('every queue is polled by exactly one ready worker whenever any is ready', () => {
    const owners = [0, 1, 2, 3, 0, 1, 2, 3];
    fc.assert(
      fc.property(history, (steps) => {
        const workers = new Workers();
        let assignment: Assignment = owners.map(() => undefined);
        for (const step of steps) {
          const ready = new Set(step);
          workers.become(ready);
          const next = assignQueues(owners, ready, assignment);
          const change = assignmentChange(owners, assignment, next, ready);
          for (const [slot, queues] of change.adopt) {
            for (const queue of queues) workers.adopted.get(slot)?.add(queue);
          }
          for (const [slot, queues] of change.release) {
            for (const queue of queues) assert.ok(workers.adopted.get(slot)?.delete(queue));
          }
          assignment = next;
          for (const queue of owners.keys()) {
            assert.equal(workers.polledBy(owners, queue).length, ready.size === 0 ? 0 : 1);
          }
        }
      }),
    );
  });

  it('no worker has more than its own and a fair share of the absent ones', () => {
    const owners = [0, 1, 2, 3, 0, 1, 2, 3];
    fc.assert(
      fc.property(fc.subarray([0, 1, 2, 3], { minLength: 1 }), (step) => {
        const assignment = assignQueues(owners, new Set(step), owners);
        for (const slot of step) {
          const count = assignment.filter((server) => server === slot).length;
          assert.ok(count <= Math.ceil(owners.length / step.length));
        }
      }),
    );
  });
});
