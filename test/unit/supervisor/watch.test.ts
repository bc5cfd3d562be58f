import assert from 'node:assert/strict';
import { resolveConfig } from '../../../src/config/resolve.js';
import { ScoreboardRow, scoreboardBytes } from '../../../src/ipc/scoreboard.js';
import { Watch, type HarakiriFacts } from '../../../src/supervisor/watch.js';
import type { WorkerHandle } from '../../../src/supervisor/worker-handle.js';
import { fakeHost } from '../config/fake-host.js';

const config = resolveConfig({
  argv: ['--http-socket', ':0', '--wsgi-file', 'x.ts', '--harakiri', '2'],
  env: {},
  host: fakeHost(2),
}).config;

function scene() {
  const row = new ScoreboardRow(new ArrayBuffer(scoreboardBytes(1)), 0);
  const killed: HarakiriFacts[] = [];
  const worker = {
    pid: process.pid,
    state: 'ready',
    workerId: 1,
    readyAt: 0,
    board: { number: 0, row },
  } as unknown as WorkerHandle;
  const watch = new Watch(config, {
    workers: () => [worker],
    recycle: () => undefined,
    harakiri: (_worker, facts) => killed.push(facts),
  });
  watch.start();
  watch.stop();
  return { row, watch, killed };
}

/** Ticks every quarter of a second from the watch's own start on. */
function tickUntil(watch: Watch, start: number, end: number): void {
  for (let now = start; now <= end; now += 250) watch.tick(now);
}

const START = performance.timeOrigin;

describe('watching event loops', () => {
  it('leaves alone what beats, and what has not begun to', () => {
    const { row, watch, killed } = scene();
    watch.tick(START);
    tickUntil(watch, START, START + 10_000);
    row.set('HEARTBEAT', START + 10_000);
    tickUntil(watch, START + 10_000, START + 12_000);
    assert.deepEqual(killed, []);
  });

  it('reports a loop that stands still for longer than harakiri, with its request', () => {
    const { row, watch, killed } = scene();
    row.set('HEARTBEAT', START);
    row.set('IN_FLIGHT', 3);
    row.enterCall('GET', '/block?x=1');
    watch.tick(START);
    tickUntil(watch, START, START + 2250);
    assert.deepEqual(killed, []);
    watch.tick(START + 2500);
    assert.deepEqual(killed, [
      { blockedMs: 2500, call: 'GET /block?x=1', inFlight: 3, kernel: undefined },
    ]);
  });

  it('says nothing after it was stopped itself', () => {
    const { row, watch, killed } = scene();
    row.set('HEARTBEAT', START);
    watch.tick(START);
    watch.tick(START + 60_000);
    assert.deepEqual(killed, []);
    row.set('HEARTBEAT', START + 60_100);
    watch.tick(START + 60_250);
    assert.deepEqual(killed, []);
  });
});

describe('scoreboard', () => {
  it('cuts long requests, and forgets them', () => {
    const row = new ScoreboardRow(new ArrayBuffer(scoreboardBytes(2)), 1);
    assert.equal(row.call(), undefined);
    row.enterCall('GET', `/${'x'.repeat(5000)}`);
    assert.equal(row.call()?.length, 1024 - 128);
    row.leaveCall();
    assert.equal(row.call(), undefined);
  });

  it('keeps rows apart', () => {
    const memory = new ArrayBuffer(scoreboardBytes(2));
    const [first, second] = [new ScoreboardRow(memory, 0), new ScoreboardRow(memory, 1)];
    first.set('REQUESTS', 7);
    second.add('REQUESTS');
    assert.deepEqual([first.get('REQUESTS'), second.get('REQUESTS')], [7, 1]);
    first.clear();
    assert.deepEqual([first.get('REQUESTS'), second.get('REQUESTS')], [0, 1]);
  });
});
