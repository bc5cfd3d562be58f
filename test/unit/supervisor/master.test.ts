import assert from 'node:assert/strict';
import { waitUntil } from '../../helpers/wait-until.js';
import type { FakeWorkers } from './fake-workers.js';
import { allReady, scene, signal } from './master-scene.js';

const adopted = (worker: FakeWorkers['latest']): number[] =>
  worker.of('adopt').flatMap(({ queues }) => queues);
const released = (worker: FakeWorkers['latest']): number[] =>
  worker.of('release').flatMap(({ queues }) => queues);

describe('master: starting', () => {
  it('tells each worker its place and which queues are its own', () => {
    const { workers } = scene();
    assert.equal(workers.all.length, 3);
    const [start] = workers.at(1).of('start');
    assert.equal(start?.workerId, 2);
    assert.deepEqual(
      start.queues.map(({ fd, own, shared }) => [fd, own, shared]),
      [
        [4, false, false],
        [5, true, false],
        [6, false, false],
      ],
    );
    assert.deepEqual(start.listeners, [{ host: '0.0.0.0', port: 80 }]);
  });

  it('lets the first ready worker serve the queues of those that still load', () => {
    const { workers } = scene();
    workers.at(2).becomeReady();
    assert.deepEqual(adopted(workers.at(2)), [0, 1]);
    workers.at(0).becomeReady();
    assert.deepEqual(released(workers.at(2)), [0]);
    assert.deepEqual(adopted(workers.at(0)), []);
  });

  it('announces once that all are ready', () => {
    const { workers, log } = scene();
    workers.at(0).becomeReady();
    workers.at(1).becomeReady();
    assert.equal(log.count(/all workers are ready/), 0);
    workers.at(2).becomeReady();
    workers.at(2).exit({ signal: 'SIGKILL' });
    workers.latest.becomeReady();
    assert.equal(log.count(/all workers are ready/), 1);
  });

  it('kills a worker that is not ready in time', async () => {
    const { workers, log } = scene('--boot-timeout', '0.02');
    await waitUntil('the boot limit', () => workers.at(0).signals.includes('SIGKILL'));
    assert.match(String(log.event('worker-killed').reason), /--boot-timeout/);
    assert.deepEqual(workers.at(0).signals, ['SIGKILL']);
  });

  it('ends with the worker’s exit code when the application cannot be loaded', async () => {
    const { master, workers, log, queues } = scene();
    const failure = { type: 'boot-failed', message: 'no x.ts', stack: 'at', exitCode: 22 } as const;
    workers.at(0).say(failure);
    workers.at(1).say(failure);
    for (const worker of workers.all) worker.exit({ code: 22 });
    assert.equal(await master.finished, 22);
    assert.equal(log.count(/cannot load the application: no x\.ts/), 1);
    assert.equal(workers.all.length, 3);
    assert.ok(queues.closed > 0);
  });

  it('keeps the other workers when the application cannot be loaded any more', () => {
    const { workers } = allReady('--respawn-delay', '0');
    workers.at(0).exit({ signal: 'SIGSEGV' });
    workers.latest.say({ type: 'boot-failed', message: 'gone', stack: '', exitCode: 22 });
    workers.latest.exit({ code: 22 });
    assert.equal(workers.all.length, 5);
    assert.deepEqual(workers.at(1).of('stop'), []);
  });

  it('gives up after so many deaths in a row before anybody was ready', async () => {
    const { master, workers, log } = scene('--respawn-give-up', '4', '--respawn-delay', '0');
    for (let dead = 0; dead < 4; dead += 1) workers.at(dead).exit({ code: 1 });
    for (const worker of workers.all.slice(4)) worker.exit({ signal: 'SIGKILL' });
    assert.equal(await master.finished, 70);
    assert.match(String(log.event('giving-up').reason), /exited with code 1/);
  });

  it('does not give up while a worker is ready', () => {
    const { workers, log } = scene('--respawn-give-up', '3', '--respawn-delay', '0');
    workers.at(0).becomeReady();
    for (let dead = 1; dead < 20; dead += 1) workers.at(dead).exit({ code: 1 });
    assert.equal(log.count(/giving up/), 0);
  });
});

describe('master: respawning', () => {
  it('replaces a killed worker at once, under the same id, and logs why', () => {
    const { workers, log } = allReady();
    workers.at(1).exit({ signal: 'SIGKILL' });
    assert.equal(workers.latest.of('start')[0]?.workerId, 2);
    assert.match(String(log.event('worker-died').reason), /SIGKILL/);
    assert.equal(log.count(/Respawned tsuwsgi-native worker 2 \(new pid: 1003\)/), 1);
  });

  it('hands the queue to a neighbour and back', () => {
    const { workers } = allReady();
    workers.at(1).exit({ signal: 'SIGKILL' });
    assert.deepEqual(adopted(workers.at(2)), [1]);
    workers.latest.becomeReady();
    assert.deepEqual(released(workers.at(2)), [1]);
    assert.deepEqual(adopted(workers.at(0)), []);
  });

  it('moves an adopted queue on when the neighbour dies too', () => {
    const { workers } = allReady();
    workers.at(1).exit({ signal: 'SIGKILL' });
    workers.at(2).exit({ signal: 'SIGKILL' });
    assert.deepEqual(adopted(workers.at(0)), [1, 2]);
  });

  it('waits before it replaces what died in boot', async () => {
    const { workers, log } = scene('--respawn-delay', '0.02');
    workers.at(0).exit({ code: 1 });
    assert.equal(workers.all.length, 3);
    assert.equal(log.event('worker-died')['respawnInMs'], 20);
    await waitUntil('the respawn', () => workers.all.length === 4);
    assert.equal(workers.latest.slot, 0);
  });

  it('takes the pause that the options have by then', () => {
    const { workers, log, config } = scene('--respawn-delay', '0.02');
    config.respawnDelay = 0.05;
    workers.at(0).exit({ code: 1 });
    assert.equal(log.event('worker-died')['respawnInMs'], 50);
  });

  it('names the kernel when the cgroup counted an OOM kill', () => {
    const result = allReady();
    result.oomKills += 1;
    result.workers.at(0).exit({ signal: 'SIGKILL' });
    assert.match(String(result.log.event('worker-died').reason), /out of memory/);
  });

  it('gives the queues of a worker that leaves on its own to a neighbour before it is gone', () => {
    const { workers, log } = allReady();
    workers.at(0).say({ type: 'bye', reason: 'SIGTERM received' });
    assert.deepEqual(adopted(workers.at(1)), [0]);
    workers.at(0).exit({ code: 17 });
    assert.equal(workers.all.length, 4);
    assert.match(String(log.event('worker-died').reason), /SIGTERM received/);
  });

  it('goes on when something in it throws, and logs the stack', () => {
    const { master, workers, log } = allReady();
    master.internalError(new Error('unexpected'));
    assert.match(String(log.event('internal-error').stack), /Error: unexpected\n/);
    assert.deepEqual(workers.at(0).received, []);
  });

  it('survives messages that make no sense', () => {
    const { workers } = allReady();
    workers.at(0).becomeReady();
    workers.at(0).say({ type: 'drained' });
    workers.at(0).say({ type: 'boot-failed', message: 'late', stack: '', exitCode: 22 });
    workers.at(0).exit({ signal: 'SIGKILL' });
    assert.equal(workers.latest.slot, 0);
  });
});

describe('master: stopping', () => {
  it('drains on SIGTERM, refuses new clients and ends with 0 when all are gone', async () => {
    const { master, workers, queues, log } = allReady();
    signal(master, 'SIGTERM');
    assert.equal(queues.closed, 1);
    for (const worker of workers.all) {
      assert.deepEqual(worker.of('drain'), [
        { type: 'drain', reason: 'SIGTERM received', mercySeconds: 60 },
      ]);
      worker.say({ type: 'drained' });
      worker.exit({ code: 17 });
    }
    assert.equal(await master.finished, 0);
    assert.equal(workers.all.length, 3);
    assert.equal(log.count(/goodbye to tsuwsgi-native/), 1);
  });

  it('kills what does not drain within its mercy', async () => {
    const { master, workers, log } = allReady('--worker-reload-mercy', '0.02');
    signal(master, 'SIGTERM');
    workers.at(0).exit({ code: 17 });
    workers.at(1).exit({ code: 17 });
    await waitUntil('the mercy limit', () => workers.at(2).signals.length > 0);
    workers.at(2).exit({ signal: 'SIGKILL' });
    assert.equal(await master.finished, 0);
    assert.equal(log.count(/NO MERCY/), 1);
  });

  it('goes on draining at a second SIGTERM and stops at once at SIGINT', async () => {
    const { master, workers } = allReady();
    signal(master, 'SIGTERM');
    signal(master, 'SIGTERM');
    assert.equal(workers.at(0).of('drain').length, 1);
    assert.deepEqual(workers.at(0).of('stop'), []);
    signal(master, 'SIGINT');
    for (const worker of workers.all) {
      assert.equal(worker.of('stop').length, 1);
      worker.exit({ code: 0 });
    }
    assert.equal(await master.finished, 0);
  });

  it('kills what does not hear SIGQUIT', async () => {
    const { master, workers } = allReady();
    signal(master, 'SIGQUIT');
    workers.at(0).exit({ code: 0 });
    workers.at(1).exit({ code: 0 });
    await waitUntil('the kill', () => workers.at(2).signals.length > 0);
    workers.at(2).exit({ signal: 'SIGKILL' });
    assert.equal(await master.finished, 0);
  });

  it('starts nobody any more, also not one whose respawn was due', async () => {
    const { master, workers } = scene('--respawn-delay', '0.01', '--processes', '1');
    workers.at(0).exit({ code: 1 });
    signal(master, 'SIGTERM');
    assert.equal(await master.finished, 0);
    assert.equal(workers.all.length, 1);
  });

  it('tells a booting worker to drain too', () => {
    const { master, workers } = scene();
    signal(master, 'SIGTERM');
    workers.at(0).becomeReady();
    assert.equal(workers.at(0).of('drain').length, 1);
    assert.deepEqual(adopted(workers.at(0)), []);
  });

  it('ignores SIGALRM, and lists its workers at SIGUSR1', () => {
    const { master, workers, log } = allReady();
    signal(master, 'SIGALRM');
    signal(master, 'SIGUSR1');
    assert.equal(log.count(/SIGALRM received: ignored/), 1);
    assert.equal(log.count(/worker \d \(pid: \d+\): ready, for/), 3);
    for (const worker of workers.all) assert.deepEqual(worker.received, []);
  });
});
