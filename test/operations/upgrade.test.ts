import { requireNothingLost, upgradeTimes } from './loaded-server.js';
import { DoorLoads, openThreeDoors, requireDoors } from './three-doors.js';

const UPGRADES = 5;

describe('binary upgrades under load that is kept', () => {
  before(function () {
    requireDoors(this);
  });

  it(`${UPGRADES} times: no error, no closed connection`, async function () {
    this.timeout(120_000);
    const doors = await openThreeDoors();
    const loads = await DoorLoads.start(doors);
    await upgradeTimes(doors.server, UPGRADES);
    await requireNothingLost(loads);
  });
});
