/** When a reload is over, and what is said of it then. */
import assert from 'node:assert/strict';
import { waitUntil } from '../../../helpers/wait-until.js';
import { allReady, signal, type Scene } from '../master-scene.js';

const DRAINED = { code: 17 };

function hangUp(...argv: string[]): Scene {
  const scene = allReady(...argv);
  signal(scene.master, 'SIGHUP');
  return scene;
}

const complete = ({ log }: Scene): number => log.count(/graceful reload complete/);
const failed = ({ log }: Scene): number => log.count(/reload failed/);

describe('a reload', () => {
  it('is complete when old workers accept nothing any more; their requests may take longer', () => {
    const scene = hangUp('--processes', '2');
    const { workers } = scene;
    workers.at(2).becomeReady();
    workers.at(3).becomeReady();
    workers.at(1).leaveQueues();
    assert.equal(complete(scene), 0, 'the first one has not read its order');
    assert.deepEqual(scene.reloads, []);
    workers.at(0).leaveQueues();
    assert.equal(complete(scene), 1);
    assert.deepEqual(scene.reloads, [undefined]);
    for (const old of [0, 1]) workers.at(old).exit(DRAINED);
    assert.equal(complete(scene), 1);
  });

  it('is complete when an old worker that does not hear its order is gone', () => {
    const scene = hangUp('--processes', '1');
    scene.workers.at(1).becomeReady();
    assert.equal(complete(scene), 0);
    scene.workers.at(0).exit({ signal: 'SIGKILL' });
    assert.equal(complete(scene), 1);
  });

  it('is complete also where a worker waits for its turn to be recycled', () => {
    const scene = hangUp('--processes', '1');
    const { workers, master } = scene;
    workers.at(1).becomeReady();
    const next = master.slots[0]?.worker;
    assert.ok(next);
    master.recycle(next, 'old');
    workers.at(0).leaveQueues();
    assert.equal(complete(scene), 1);
  });

  it('is not complete where one of two successors failed, though the other one is ready', () => {
    const scene = hangUp('--recycle-concurrency', '2');
    const { workers } = scene;
    workers.at(3).exit({ code: 1 });
    workers.at(4).becomeReady();
    workers.at(1).leaveQueues();
    assert.equal(failed(scene), 1);
    assert.equal(complete(scene), 0);
    assert.equal(scene.reloads.length, 1);
    assert.ok(scene.reloads[0]);
  });

  it('waits for the successor of a worker that died meanwhile', () => {
    const scene = hangUp('--processes', '1');
    scene.workers.at(0).exit({ signal: 'SIGSEGV' });
    assert.deepEqual(scene.reloads, []);
    scene.workers.at(1).becomeReady();
    assert.equal(complete(scene), 1);
    assert.deepEqual(scene.reloads, [undefined]);
  });

  it('does not settle for a successor that had begun before it, also where the old worker dies', () => {
    const scene = allReady('--processes', '1');
    const { workers, master } = scene;
    const old = master.slots[0]?.worker;
    assert.ok(old);
    master.recycle(old, 'old');
    signal(master, 'SIGHUP');
    workers.at(0).exit({ signal: 'SIGSEGV' });
    workers.at(1).becomeReady();
    assert.equal(complete(scene), 0);
    workers.at(2).becomeReady();
    workers.at(1).leaveQueues();
    assert.equal(complete(scene), 1);
  });

  it('is given up where the successor of a worker that went first does not boot', () => {
    const scene = allReady();
    const { workers } = scene;
    scene.lack = '10 MB are left';
    signal(scene.master, 'SIGHUP');
    workers.at(0).exit(DRAINED);
    workers.at(3).exit({ code: 1 });
    assert.equal(scene.log.count(/reload failed: .* 2 worker\(s\) go on/), 1);
    assert.equal(scene.log.event('replacement-failed')['reload'], true);
    assert.equal(complete(scene), 0);
    assert.equal(scene.reloads.length, 1);
    assert.ok(scene.reloads[0]);
    for (const index of [1, 2]) assert.deepEqual(workers.at(index).of('drain'), []);
  });

  it('fails where a worker died meanwhile and the next one of its slot does not boot', () => {
    const scene = hangUp('--processes', '2');
    const { workers } = scene;
    workers.at(1).exit({ signal: 'SIGKILL' });
    workers.at(3).exit({ code: 1 });
    workers.at(2).becomeReady();
    workers.at(0).leaveQueues();
    assert.equal(failed(scene), 1);
    assert.equal(complete(scene), 0);
    assert.equal(scene.reloads.length, 1);
    assert.ok(scene.reloads[0]);
  });

  it('is not complete before the next worker of a slot is ready whose worker died while it waited', () => {
    const scene = hangUp('--processes', '2');
    const { workers } = scene;
    workers.at(1).exit({ signal: 'SIGKILL' });
    workers.at(2).becomeReady();
    workers.at(0).leaveQueues();
    assert.equal(complete(scene), 0);
    workers.at(3).becomeReady();
    assert.equal(complete(scene), 1);
  });

  it('waits for the next worker of an empty slot, and does not replace that one again', () => {
    const pause = ['--respawn-delay', '100', '--respawn-max-delay', '100'];
    const scene = allReady('--processes', '2', ...pause);
    const { workers, master } = scene;
    workers.at(1).exit({ signal: 'SIGKILL' });
    workers.at(2).exit({ code: 1 });
    signal(master, 'SIGHUP');
    workers.at(3).becomeReady();
    workers.at(0).leaveQueues();
    assert.equal(complete(scene), 0);
    signal(master, 'SIGURG');
    assert.equal(workers.at(4).slot, 1);
    workers.at(4).becomeReady();
    assert.equal(complete(scene), 1);
    assert.equal(workers.all.length, 5);
  });

  it('goes on where a successor of the reload before it fails', () => {
    const scene = hangUp('--processes', '1');
    const { workers } = scene;
    signal(scene.master, 'SIGHUP');
    workers.at(1).exit({ code: 1 });
    assert.equal(failed(scene), 1);
    assert.deepEqual(scene.reloads, []);
    workers.at(2).becomeReady();
    workers.at(0).leaveQueues();
    assert.equal(complete(scene), 1);
    assert.deepEqual(scene.reloads, [undefined]);
  });

  it('does not wait for an old worker that was killed, though it is not gone', async () => {
    const scene = allReady('--processes', '1', '--worker-reload-mercy', '1');
    const { workers } = scene;
    signal(scene.master, 'SIGHUP');
    workers.at(1).becomeReady();
    assert.equal(complete(scene), 0);
    await waitUntil('the kill', () => workers.at(0).signals.includes('SIGKILL'));
    assert.equal(complete(scene), 1);
  });

  it('is not spoken of any more where the server stops meanwhile', () => {
    const scene = hangUp('--processes', '1');
    scene.workers.at(1).becomeReady();
    signal(scene.master, 'SIGTERM');
    scene.workers.at(0).leaveQueues();
    assert.equal(complete(scene), 0);
    assert.deepEqual(scene.reloads, []);
  });
});
