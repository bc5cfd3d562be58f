import assert from 'node:assert/strict';
import { allReady, scene, signal } from './master-scene.js';

describe('a paused master', () => {
  it('starts workers that accept nobody, and tells all of them when it is over', () => {
    const { master, workers } = allReady();
    const [first] = workers.all;
    signal(master, 'SIGTSTP');
    assert.deepEqual(first?.of('hold'), [{ type: 'hold', on: true }]);
    first.exit({ signal: 'SIGKILL' });
    const next = workers.latest;
    assert.equal(next.of('start')[0]?.held, true);
    signal(master, 'SIGTSTP');
    assert.deepEqual(next.of('hold'), [{ type: 'hold', on: false }], 'it boots, and will obey');
    next.becomeReady();
    assert.equal(next.of('hold').length, 1);
  });

  it('tells workers that boot already', () => {
    const { master, workers } = scene();
    signal(master, 'SIGTSTP');
    for (const worker of workers.all) {
      assert.equal(worker.of('start')[0]?.held, undefined);
      assert.deepEqual(worker.of('hold'), [{ type: 'hold', on: true }]);
    }
  });

  it('says in its account of the workers that it is paused', () => {
    const { master, log } = allReady();
    signal(master, 'SIGUSR1');
    assert.equal(log.count(/the server is paused/), 0);
    signal(master, 'SIGTSTP');
    signal(master, 'SIGUSR1');
    assert.equal(log.count(/the server is paused/), 1);
  });
});
