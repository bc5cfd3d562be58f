import assert from 'node:assert/strict';
import type { Slot } from '../../../../src/supervisor/workers/slot.js';
import { allReady, scene, signal, type Scene } from '../master-scene.js';

const DRAINED = { code: 17 };

function slotOf({ master }: Scene, index: number): Slot {
  const slot = master.slots[index];
  assert.ok(slot);
  return slot;
}

describe('master: slots without a worker', () => {
  it('starts only as many workers as --cheaper says, and is ready with them', () => {
    const { master, workers, log } = scene('--cheaper', '1');
    assert.equal(workers.all.length, 1);
    workers.at(0).becomeReady();
    assert.equal(master.started, true);
    assert.equal(log.count(/all workers are ready \(1\)/), 1);
    assert.deepEqual(workers.at(0).of('adopt')[0]?.queues, [1, 2]);
  });

  it('starts with --cheaper-initial', () => {
    assert.equal(scene('--cheaper', '1', '--cheaper-initial', '2').workers.all.length, 2);
  });

  it('is ready without a worker with --cheap', () => {
    const { master, workers } = scene('--cheap');
    assert.equal(workers.all.length, 0);
    assert.equal(master.started, true);
    assert.equal(master.cheaping.wake(3), 3);
    assert.deepEqual(
      workers.all.map(({ slot }) => slot),
      [0, 1, 2],
    );
  });

  it('gives the queues of a slot that is emptied to a neighbour, and its connections to the one that is named', () => {
    const set = allReady();
    set.master.cheaping.cheap(slotOf(set, 1), 'too many', 2);
    const [drain] = set.workers.at(1).of('drain');
    assert.equal(drain?.handTo, 2);
    assert.equal(drain.othersGoOn, true);
    assert.deepEqual(set.workers.at(2).of('adopt')[0]?.queues, [1]);
    assert.equal(set.master.cheaping.busy, true);
    set.workers.at(1).exit(DRAINED);
    assert.equal(set.master.cheaping.busy, false);
    assert.equal(set.workers.all.length, 3);
    assert.match(set.log.lines.join('\n'), /worker 2 cheaped \(drained\)/);
  });

  it('gives a worker that is not needed the mercy that the options have by then', () => {
    const set = allReady('--worker-reload-mercy', '60');
    set.config.workerReloadMercy = 7;
    set.master.cheaping.cheap(slotOf(set, 1), 'too many', 2);
    assert.equal(set.workers.at(1).of('drain')[0]?.mercySeconds, 7);
  });

  it('gives the queues back when the slot has a worker again', () => {
    const set = allReady();
    set.master.cheaping.cheap(slotOf(set, 1), 'too many', 2);
    set.workers.at(1).exit(DRAINED);
    set.master.cheaping.wake(1);
    assert.equal(set.workers.latest.slot, 1);
    assert.deepEqual(set.workers.at(2).of('release'), []);
    set.workers.latest.becomeReady();
    assert.deepEqual(set.workers.at(2).of('release')[0]?.queues, [1]);
  });

  it('starts no successor in a slot that is emptied', () => {
    const set = allReady();
    signal(set.master, 'SIGHUP');
    const successor = set.workers.latest;
    assert.equal(successor.slot, 0);
    set.master.cheaping.cheap(slotOf(set, 0), 'too many', 1);
    assert.equal(successor.of('drain').length, 1);
    assert.equal(set.workers.latest.slot, 1);
    successor.exit(DRAINED);
    set.workers.at(0).exit(DRAINED);
    set.workers.latest.becomeReady();
    set.workers.latest.becomeReady();
    for (const old of [1, 2]) set.workers.at(old).leaveQueues();
    assert.equal(set.log.count(/graceful reload complete/), 1);
    assert.equal(slotOf(set, 0).worker, undefined);
  });

  it('reloads the workers that there are, and no others', () => {
    const { master, workers, log } = scene('--cheaper', '1');
    workers.at(0).becomeReady();
    signal(master, 'SIGHUP');
    workers.latest.becomeReady();
    assert.equal(workers.all.length, 2);
    workers.at(0).leaveQueues();
    assert.equal(log.count(/graceful reload complete/), 1);
  });

  it('ends a reload at once where no worker runs', () => {
    const { master, workers, log, reloads } = scene('--cheap');
    signal(master, 'SIGHUP');
    assert.equal(workers.all.length, 0);
    assert.equal(log.count(/graceful reload complete/), 1);
    assert.deepEqual(reloads, [undefined], 'a service manager waits for it');
  });

  it('lets all workers go, and closes the connections that nobody goes on with', () => {
    const { master, workers } = allReady();
    master.cheaping.cheapAll('nothing to do', false);
    for (const worker of workers.all) {
      const [drain] = worker.of('drain');
      assert.equal(drain?.othersGoOn, true);
      assert.equal(drain.handTo, undefined);
      worker.exit(DRAINED);
    }
    assert.equal(workers.all.length, 3);
    assert.deepEqual(master.cheaping.active, []);
  });

  it('keeps connections for the first slot, and wakes while the workers before still finish what they have', () => {
    const { master, workers } = allReady();
    master.cheaping.cheapAll('nothing to do', true);
    for (const worker of workers.all) assert.equal(worker.of('drain')[0]?.handTo, 0);
    master.cheaping.wake(3);
    assert.equal(workers.all.length, 6);
    for (const index of [3, 4, 5]) workers.at(index).becomeReady();
    for (const index of [0, 1, 2]) workers.at(index).exit(DRAINED);
    assert.equal(workers.all.length, 6);
    assert.equal(master.readyWorkers().length, 3);
  });

  it('does not start again the worker of a slot that was emptied while it waited', () => {
    const set = allReady('--respawn-delay', '100', '--respawn-max-delay', '100');
    set.workers.at(2).exit({ signal: 'SIGSEGV' });
    assert.equal(slotOf(set, 2).respawn.running, true);
    set.master.cheaping.cheap(slotOf(set, 2), 'too many', 0);
    assert.equal(slotOf(set, 2).respawn.running, false);
  });

  it('starts nobody in a server that stops', () => {
    const { master, workers } = scene('--cheap');
    master.stopGracefully('enough');
    master.cheaping.wake(3);
    assert.equal(workers.all.length, 0);
  });

  it('says of an empty slot that it is cheap', () => {
    const { master, workers, log } = scene('--cheaper', '1');
    workers.at(0).becomeReady();
    signal(master, 'SIGUSR1');
    assert.equal(log.count(/worker 3: cheaped, its connections go to worker 1/), 1);
  });
});

describe('master: workers that boot at the same time', () => {
  it('are no more than --boot-concurrency; the next one starts when one is ready', () => {
    const { master, workers } = scene('--boot-concurrency', '2');
    assert.equal(workers.all.length, 2);
    workers.at(0).becomeReady();
    assert.equal(workers.all.length, 3);
    workers.at(1).becomeReady();
    workers.at(2).becomeReady();
    assert.equal(master.started, true);
  });

  it('or when one is gone', () => {
    const { workers } = scene(
      '--boot-concurrency',
      '1',
      '--respawn-delay',
      '100',
      '--respawn-max-delay',
      '100',
    );
    workers.at(0).exit({ signal: 'SIGSEGV' });
    assert.deepEqual(
      workers.all.map(({ slot }) => slot),
      [0, 1],
    );
  });

  it('also after all of them were killed at once', () => {
    const { master, workers } = allReady('--processes', '8', '--boot-concurrency', '2');
    for (const worker of workers.all.slice(0, 8)) worker.exit({ signal: 'SIGKILL' });
    const booting = (): number =>
      master.slots.filter(({ worker }) => worker?.state === 'booting').length;
    for (const slot of master.slots) slot.respawn.clear();
    master.perform('revive', 'the operator');
    assert.ok(booting() <= 2, `${booting()} boot`);
  });

  it('start no more once the server stops', () => {
    const { master, workers } = scene('--boot-concurrency', '1');
    master.stopGracefully('enough');
    workers.at(0).exit(DRAINED);
    assert.equal(workers.all.length, 1);
  });
});
