import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Upgrade, WITHDRAWN } from '../../../../src/supervisor/reload/upgrade.js';
import { newInheritance } from '../../../../src/startup/inheritance.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import { recordingLogger } from '../../cli/recording-logger.js';

const NO_CHANNELS = { senders: [], receivers: [] };
/** Longer than the new master takes on any machine. */
const LIMIT_MS = 60_000;

/** An upgrade to a new master that does as the script says. */
function upgradeTo(script: string) {
  const { logger, lines } = recordingLogger();
  const upgrade = new Upgrade({
    origin: {
      // Where the loader of the tests is found.
      directory: process.cwd(),
      env: {},
      command: ['--input-type=commonjs', '--eval', script],
      readOptions: () => undefined,
      pidfiles: { open: [], writeAll: () => undefined, handOver: () => undefined },
      inheritance: undefined,
    },
    logger,
    inheritance: () =>
      newInheritance(
        {
          workers: [],
          routers: [],
          workerChannels: NO_CHANNELS,
          routerChannels: NO_CHANNELS,
          applicationMemory: undefined,
          stats: [],
          pidfiles: [],
          notifySocket: undefined,
          watchdogUsec: undefined,
        },
        process.pid,
      ),
    limitMs: () => LIMIT_MS,
    endDaemons: () => Promise.resolve(),
    startDaemons: () => undefined,
    letGo: () => assert.fail('nothing is handed over'),
    handOver: () => assert.fail('nothing is handed over'),
  });
  return { upgrade, lines };
}

const isLogged = (lines: readonly string[], line: RegExp) => (): boolean =>
  lines.some((logged) => line.test(logged));

describe('an upgrade', () => {
  afterEach(() => mock.timers.reset());

  it('has no limit any more once the server stops', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const { upgrade, lines } = upgradeTo('process.once("disconnect", () => undefined)');
    upgrade.start('test');
    upgrade.abort('SIGTERM');
    mock.timers.tick(2 * LIMIT_MS);
    mock.timers.reset();
    await waitUntil('the end', isLogged(lines, /upgrade given up: the server stops/));
    assert.ok(!isLogged(lines, /is not ready after/)());
  });

  it('fails where the new master is told to stop before it is ready', async () => {
    const { upgrade, lines } = upgradeTo(
      `process.once("disconnect", () => undefined); process.send(${JSON.stringify(WITHDRAWN)})`,
    );
    upgrade.start('test');
    await waitUntil('the end', isLogged(lines, /did not become ready: it was told to stop/));
  });
});
