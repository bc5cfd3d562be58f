import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from '../helpers/server.js';
import { tempDir } from '../helpers/temp-dir.js';
import { requireNothingLost } from './loaded-server.js';
import { DoorLoads, openThreeDoors, requireDoors } from './three-doors.js';

const RELOADS = 20;
const DONE = /reload complete/;

/** One after the other, under the loads of all doors, which lose nothing. */
async function reloadTimes(
  args: readonly string[],
  order: (server: Server) => void,
): Promise<void> {
  const doors = await openThreeDoors(args);
  const loads = await DoorLoads.start(doors);
  for (let count = 0; count < RELOADS; count += 1) {
    const from = doors.server.log.lines.length;
    order(doors.server);
    await doors.server.log.waitFor(DONE, 30_000, from);
  }
  await requireNothingLost(loads);
}

describe('reloads under load that is kept', () => {
  before(function () {
    requireDoors(this);
  });

  it(`${RELOADS} × SIGHUP: no error, no closed connection`, async function () {
    this.timeout(120_000);
    await reloadTimes([], (server) => server.kill('SIGHUP'));
  });

  it(`${RELOADS} × chain reload: no error, no closed connection`, async function () {
    this.timeout(120_000);
    const fifo = join(tempDir(), 'fifo');
    await reloadTimes(['--master-fifo', fifo], () => writeFileSync(fifo, 'c'));
  });
});
