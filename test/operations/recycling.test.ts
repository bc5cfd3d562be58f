/** Workers that are recycled all the time, under clients that keep their connections and notice everything. */
import assert from 'node:assert/strict';
import type { LoadWindow } from '../helpers/kept-load.js';
import type { Server } from '../helpers/server.js';
import { waitUntil } from '../helpers/wait-until.js';
import { DoorLoads, openThreeDoors, requireDoors } from './three-doors.js';

const RECYCLES = 200;
/** A machine that does nothing else needs less than a minute. */
const LIMIT_MS = 240_000;
/** A p99 below this is the scheduler's, where every processor is busy with a boot. */
const NOISE_MS = 100;
/** Enough for a p99 of its own. */
const QUIET_ANSWERS = 800;

function recycled(server: Server): number {
  return server.log.matching(/its successor serves: drained/).length;
}

function report(windows: readonly LoadWindow[]): void {
  for (const window of windows) process.stdout.write(`      ${window.toString()}\n`);
}

async function quiet(): Promise<readonly LoadWindow[]> {
  const doors = await openThreeDoors();
  const loads = await DoorLoads.start(doors);
  const windows = loads.begin('without recycling');
  await loads.answered(QUIET_ANSWERS);
  await loads.stop();
  assert.deepEqual(loads.complaints(), []);
  await doors.server.stop();
  return windows;
}

describe('recycling under constant load', () => {
  before(function () {
    requireDoors(this);
  });

  it(`loses no request and closes no connection in ${RECYCLES} recycles`, async function () {
    this.timeout(LIMIT_MS + 60_000);
    const before = await quiet();
    const doors = await openThreeDoors(['--max-requests', '1', '--min-worker-lifetime', '0']);
    const loads = await DoorLoads.start(doors);
    const during = loads.begin('while recycling');
    const startedAt = performance.now();
    await waitUntil('recycles', () => recycled(doors.server) >= RECYCLES, LIMIT_MS);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    await loads.stop();
    report([...before, ...during]);
    process.stdout.write(`      ${RECYCLES} recycles in ${seconds} s\n`);
    assert.deepEqual(loads.complaints(), []);
    for (const [door, window] of during.entries()) {
      const most = Math.max(3 * (before[door]?.percentile(0.99) ?? 0), NOISE_MS);
      assert.ok(window.percentile(0.99) <= most, `${window.toString()}: more than ${most} ms`);
    }
  });
});
