/** How a worker's place goes to the next one. When a reload is complete: reload-end.test.ts. */
import assert from 'node:assert/strict';
import { allReady, signal, type Scene } from '../master-scene.js';

const DRAINED = { code: 17 };

/** Recycles the worker of a slot. */
function recycle({ master }: Scene, slot: number): void {
  const worker = master.slots[slot]?.worker;
  assert.ok(worker);
  master.recycle(worker, 'old');
}

describe('succession', () => {
  it('gives the connections of an old worker to its own slot', () => {
    const scene = allReady();
    recycle(scene, 1);
    scene.workers.at(3).becomeReady();
    const expected = {
      type: 'drain',
      reason: 'old',
      mercySeconds: 60,
      othersGoOn: true,
      handTo: 1,
    };
    assert.deepEqual(scene.workers.at(1).of('drain'), [expected]);
  });

  it('boots one successor at a time, or as many as --recycle-concurrency says', () => {
    const one = allReady();
    for (const slot of [0, 1, 2]) recycle(one, slot);
    assert.equal(one.workers.all.length, 4);
    const two = allReady('--recycle-concurrency', '2');
    for (const slot of [0, 1, 2]) recycle(two, slot);
    assert.equal(two.workers.all.length, 5);
    two.workers.at(4).becomeReady();
    assert.equal(two.workers.all.length, 6);
    assert.equal(two.workers.at(1).of('drain').length, 1);
    assert.deepEqual(two.workers.at(0).of('drain'), []);
  });

  it('lets the old worker go first where there is no memory for two, neighbours serve meanwhile', () => {
    const scene = allReady();
    const { workers, log } = scene;
    scene.lack = '10 MB are left';
    recycle(scene, 0);
    assert.equal(workers.all.length, 3, 'nobody was started');
    assert.deepEqual(workers.at(0).of('drain'), [
      { type: 'drain', reason: 'old', mercySeconds: 60, othersGoOn: true, handTo: 1 },
    ]);
    assert.deepEqual(workers.at(1).of('adopt'), [{ type: 'adopt', queues: [0] }]);
    assert.equal(log.event('worker-goes-first')['reason'], '10 MB are left');
    assert.equal(log.count(/neighbours serve its queue: 10 MB/), 1);
    workers.at(0).exit(DRAINED);
    assert.equal(log.count(/is gone, its successor starts: drained/), 1);
    assert.equal(workers.at(3).slot, 0);
    recycle(scene, 1);
    assert.deepEqual(workers.at(1).of('drain'), [], 'slot 0 is not served yet');
    workers.at(3).becomeReady();
    assert.equal(workers.at(1).of('drain').length, 1);
  });

  it('reloads so as well, and says when it is complete', () => {
    const scene = allReady('--processes', '1');
    scene.lack = 'none is left';
    signal(scene.master, 'SIGHUP');
    assert.equal(scene.log.count(/clients wait for it: none is left/), 1);
    scene.workers.at(0).exit(DRAINED);
    assert.equal(scene.log.count(/graceful reload complete/), 0);
    scene.workers.at(1).becomeReady();
    assert.equal(scene.log.count(/graceful reload complete/), 1);
  });

  it('loads the new code once where the old worker is leaving already', () => {
    const scene = allReady();
    const { workers } = scene;
    scene.lack = 'none is left';
    recycle(scene, 0);
    scene.lack = undefined;
    signal(scene.master, 'SIGHUP');
    workers.at(0).exit(DRAINED);
    for (let next = 3; next < workers.all.length; next++) {
      workers.at(next).becomeReady();
      for (const old of [workers.at(1), workers.at(2)]) if (old.of('drain').length > 0) old.end();
    }
    const booted = workers.all.slice(3).map(({ slot }) => slot);
    assert.deepEqual(booted.sort(), [0, 1, 2]);
    assert.equal(scene.log.count(/graceful reload complete/), 1);
  });

  it('has one process too many in a chain reload, whatever --recycle-concurrency says', () => {
    const { master, workers } = allReady('--recycle-concurrency', '2');
    master.reload('chain', 'chain');
    for (const [old, successor] of [
      [0, 3],
      [1, 4],
      [2, 5],
    ] as const) {
      assert.equal(workers.all.length, successor + 1);
      workers.at(successor).becomeReady();
      assert.equal(workers.all.length, successor + 1, 'the old one is not gone yet');
      workers.at(old).exit(DRAINED);
    }
  });

  it('tells a worker that leaves on its own who goes on with its connections', () => {
    const scene = allReady();
    scene.workers.at(2).say({ type: 'bye', reason: 'SIGTERM' });
    assert.deepEqual(scene.workers.at(2).of('drain'), [
      { type: 'drain', reason: 'SIGTERM', mercySeconds: 60, othersGoOn: true, handTo: 0 },
    ]);
  });
});
