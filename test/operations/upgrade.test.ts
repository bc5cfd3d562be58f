import { startServer } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { requireNothingLost, startLoad, upgradeTimes } from './loaded-server.js';

const UPGRADES = 5;

describe('binary upgrades under load that is kept', () => {
  it(`${UPGRADES} times: no error, no closed connection`, async function () {
    this.timeout(120_000);
    const server = await startServer(['--processes', '2', '--wsgi-file', pathsApp().path]);
    const load = await startLoad(server.port);
    await upgradeTimes(server, UPGRADES);
    await requireNothingLost(load);
  });
});
