import assert from 'node:assert/strict';
import { allReady, signal } from './master-scene.js';

const DRAINED = { code: 17 };

describe('master: replacing workers', () => {
  it('reloads one worker after the other, each successor ready before the old one drains', () => {
    const { master, workers, log } = allReady();
    signal(master, 'SIGHUP');
    assert.equal(workers.all.length, 4);
    assert.deepEqual(workers.at(0).of('drain'), []);
    workers.at(3).becomeReady();
    assert.equal(workers.at(0).of('drain').length, 1);
    assert.equal(workers.all.length, 5);
    assert.equal(workers.at(4).slot, 1);
    workers.at(4).becomeReady();
    workers.at(5).becomeReady();
    assert.equal(workers.at(2).of('drain').length, 1);
    for (const index of [0, 1, 2]) workers.at(index).exit(DRAINED);
    assert.equal(log.count(/graceful reload complete/), 1);
    assert.equal(log.count(/its successor serves: drained/), 3);
    assert.equal(workers.all.length, 6);
  });

  it('gives old workers the mercy that the options have by then', () => {
    const { master, workers, config } = allReady('--worker-reload-mercy', '60');
    config.workerReloadMercy = 7;
    signal(master, 'SIGHUP');
    workers.latest.becomeReady();
    assert.equal(workers.at(0).of('drain')[0]?.mercySeconds, 7);
  });

  it('keeps the old workers where the new code does not boot', () => {
    const { master, workers, log } = allReady();
    signal(master, 'SIGHUP');
    workers.at(3).say({ type: 'boot-failed', message: 'no such file', stack: '', exitCode: 22 });
    workers.at(3).exit({ code: 22 });
    assert.equal(workers.all.length, 4);
    assert.equal(log.count(/reload failed: .*no such file; 3 worker\(s\) go on/), 1);
    for (const index of [0, 1, 2]) assert.deepEqual(workers.at(index).of('drain'), []);
  });

  it('lets a successor that boots take the place of a worker that dies meanwhile', () => {
    const { master, workers } = allReady('--processes', '1');
    signal(master, 'SIGHUP');
    workers.at(0).exit({ signal: 'SIGSEGV' });
    assert.equal(workers.all.length, 2);
    workers.at(1).becomeReady();
    assert.equal(master.slots[0]?.worker?.pid, workers.at(1).pid);
  });

  it('hands the queues that the old worker had adopted to somebody who knows', () => {
    const { master, workers } = allReady('--processes', '2');
    const [first] = master.slots;
    workers.at(1).exit({ code: 1 });
    assert.deepEqual(workers.at(0).of('adopt')[0]?.queues, [1]);
    assert.ok(first?.worker);
    master.recycle(first.worker, 'it is time');
    const successor = workers.latest;
    successor.becomeReady();
    assert.equal(workers.at(0).of('drain').length, 1);
    assert.deepEqual(successor.of('adopt')[0]?.queues, [1]);
  });

  it('takes one worker at a time, and each order once', () => {
    const { master, workers } = allReady();
    const [first, second] = master.slots;
    assert.ok(first?.worker && second?.worker);
    master.recycle(first.worker, 'old');
    master.recycle(first.worker, 'still old');
    master.recycle(second.worker, 'old');
    assert.equal(workers.all.length, 4);
    workers.at(3).becomeReady();
    assert.equal(workers.all.length, 5);
    assert.equal(workers.at(4).slot, 1);
  });

  it('does not try the same slot again at once when its successor failed', () => {
    const { master, workers } = allReady();
    const [first] = master.slots;
    assert.ok(first?.worker);
    master.recycle(first.worker, 'old');
    workers.at(3).exit({ code: 1 });
    master.recycle(first.worker, 'old');
    assert.equal(workers.all.length, 4);
  });

  it('ends successors and retired workers too when the server stops', async () => {
    const { master, workers } = allReady('--processes', '1');
    signal(master, 'SIGHUP');
    workers.at(1).becomeReady();
    signal(master, 'SIGHUP');
    signal(master, 'SIGTERM');
    for (const worker of workers.all) worker.exit(DRAINED);
    assert.equal(await master.finished, 0);
    assert.equal(workers.all.length, 3);
  });
});
