import assert from 'node:assert/strict';
import { resolveConfig } from '../../../../src/config/resolve.js';
import { ScoreboardRow, scoreboardBytes } from '../../../../src/ipc/scoreboard.js';
import { Watch } from '../../../../src/supervisor/workers/watch.js';
import type { WorkerHandle } from '../../../../src/supervisor/workers/worker-handle.js';
import { fakeHost } from '../../config/fake-host.js';

const config = resolveConfig({
  argv: ['--http-socket', ':0', '--wsgi-file', 'x.ts', '--harakiri', '2'],
  env: {},
  host: fakeHost(2),
}).config;

function scene() {
  const row = new ScoreboardRow(new ArrayBuffer(scoreboardBytes(1, 1)), 0, 1);
  const blocked: number[] = [];
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
    blocked: (_worker, blockedMs) => blocked.push(blockedMs),
  });
  watch.start();
  watch.stop();
  return { row, watch, blocked };
}

/** Looks every tenth of a second from the watch's own start on. */
function tickUntil(watch: Watch, start: number, end: number): void {
  for (let now = start; now <= end; now += 100) watch.tick(now);
}

const START = performance.timeOrigin;

describe('watching event loops', () => {
  it('leaves alone what beats, and what has not begun to', () => {
    const { row, watch, blocked } = scene();
    watch.tick(START);
    tickUntil(watch, START, START + 10_000);
    row.set('HEARTBEAT', START + 10_000);
    tickUntil(watch, START + 10_000, START + 12_000);
    assert.deepEqual(blocked, []);
  });

  it('reports a loop that stands still for longer than harakiri and a heartbeat', () => {
    const { row, watch, blocked } = scene();
    row.set('HEARTBEAT', START);
    watch.tick(START);
    tickUntil(watch, START, START + 2200);
    assert.deepEqual(blocked, []);
    watch.tick(START + 2250);
    assert.deepEqual(blocked, [2250]);
  });

  it('grants a request the time that it asked for', () => {
    const { row, watch, blocked } = scene();
    row.set('HEARTBEAT', START);
    row.enterCall('GET', '/report');
    row.set('CALL_LIMIT', 5000);
    tickUntil(watch, START, START + 5200);
    assert.deepEqual(blocked, []);
    watch.tick(START + 5300);
    assert.deepEqual(blocked, [5300]);
  });

  it('says nothing after it was stopped itself', () => {
    const { row, watch, blocked } = scene();
    row.set('HEARTBEAT', START);
    watch.tick(START);
    watch.tick(START + 60_000);
    assert.deepEqual(blocked, []);
    row.set('HEARTBEAT', START + 60_100);
    watch.tick(START + 60_250);
    assert.deepEqual(blocked, []);
  });
});
