import assert from 'node:assert/strict';
import * as server from 'tsuwsgi-native';
import { processState } from '../../../src/app/process-state.js';
import { waitUntil } from '../../helpers/wait-until.js';

describe('the functions for applications, without a server', () => {
  it('say that there is none', () => {
    assert.equal(server.workerId(), 0);
    assert.equal(server.masterPid(), 0);
    assert.equal(server.pid(), process.pid);
    assert.equal(server.numProc(), 0);
    assert.equal(server.mode(), 'none');
    assert.deepEqual(server.options(), {});
    assert.deepEqual(server.workers(), []);
    assert.equal(server.totalRequests(), 0);
    assert.equal(server.requestId(), undefined);
    assert.equal(server.currentRequest(), undefined);
    assert.ok(server.startedAt().getTime() <= Date.now());
  });

  it('have caches and locks of the process', async () => {
    server.cache.set('key', 'value');
    assert.equal(server.cache.getText('key'), 'value');
    assert.equal(server.namedCache('other').get('key'), undefined);
    await server.lock();
    assert.equal(server.isLocked(), true);
    assert.equal(server.tryLock(), false);
    server.unlock();
    assert.equal(await server.withLock(3, () => 'done'), 'done');
  });

  it('take what makes sense in a server only', () => {
    server.setHarakiri(5);
    server.onDrain(() => undefined)();
  });

  it('deliver signals in the process', async () => {
    const seen: number[] = [];
    assert.equal(server.signalRegistered(7), false);
    server.registerSignal(7, 'workers', (number) => seen.push(number));
    assert.equal(server.signalRegistered(7), true);
    server.signal(7);
    assert.equal(seen.length, 0);
    await waitUntil('the signal', () => seen.includes(7));
    server.registerSignal(8, '', () => seen.push(8));
    server.addRbTimer(8, 0.001, 2);
    await waitUntil('both timers', () => seen.filter((number) => number === 8).length === 2);
  });

  it('do not start a job again that still runs', async () => {
    let running = 0;
    let most = 0;
    let runs = 0;
    let ticks = 0;
    const stopTicks = server.every(0.001, () => (ticks += 1));
    const stop = server.every(
      0.001,
      async () => {
        running += 1;
        most = Math.max(most, running);
        const until = ticks + 3;
        await waitUntil('three more times', () => ticks >= until);
        running -= 1;
        runs += 1;
      },
      { name: 'counted' },
    );
    await waitUntil('three runs', () => runs >= 3);
    stop();
    stopTicks();
    assert.equal(most, 1);
  });

  it('refuse what nobody can mean', () => {
    const nothing = (): void => undefined;
    assert.throws(() => server.registerSignal(256, '', nothing), /none of 0 to 255/);
    assert.throws(() => server.registerSignal(1, 'mule1', nothing), /target "mule1" is unknown/);
    assert.throws(() => server.log('x', 'shout' as 'info'), /"shout" is none of info, warn, error/);
    assert.throws(() => server.signal(-1), RangeError);
    assert.throws(() => server.addTimer(1, 0), RangeError);
    assert.throws(() => server.addRbTimer(1, 1, -1), RangeError);
    assert.throws(() => server.addCron(1, 60, -1, -1, -1, -1), /cron minute 60/);
    assert.throws(() => server.cron('soon', nothing), /five fields/);
    assert.throws(() => server.every(Infinity, nothing), RangeError);
    server.every(3600, nothing, { name: 'twice' });
    assert.throws(() => server.every(3600, nothing, { name: 'twice' }), /already/);
  });

  it('need a function where they will call one', () => {
    const nothing = undefined as unknown as () => void;
    const calls = {
      every: () => server.every(1, nothing),
      cron: () => server.cron('0 4 * * *', nothing),
      onDrain: () => server.onDrain(nothing),
      registerSignal: () => server.registerSignal(9, 'workers', nothing),
    };
    for (const [name, call] of Object.entries(calls))
      assert.throws(call, { name: 'TypeError', message: `${name}() needs a function` });
    assert.equal(server.signalRegistered(9), false);
    const time = 5 as unknown as string;
    assert.throws(() => server.cron(time, () => undefined), /^TypeError: cron\(\) needs a time/);
  });

  it('tell the server that they were imported, whichever copy it was', () => {
    assert.equal(processState().imported, true);
    assert.equal(processState(), processState());
  });

  it('have types that hold', () => {
    const text: string | undefined = server.cache.getText('no such key');
    const done: Promise<number> = server.withLock(0, () => 1);
    const info: readonly server.WorkerInfo[] = server.workers();
    // @ts-expect-error -- values are text or bytes
    assert.throws(() => server.cache.set('key', { some: 'object' }), TypeError);
    // @ts-expect-error -- options are read-only
    assert.throws(() => (server.options()['processes'] = 3), TypeError);
    assert.deepEqual([text, info], [undefined, []]);
    return done;
  });
});
