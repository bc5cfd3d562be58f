/** Runs beside the tests of scripts/sanitize.mjs: without it they would pass as well on an addon that nothing looks at. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { loadAddon } from '../../src/binding/load.js';
import { startServer, testApp, workerPid } from '../helpers/server.js';

const { INSTRUMENTED_ADDON, SANITIZED_SERVER_ENV } = process.env;

/** A server's worker where servers are looked at, else this process. */
async function pidOfInterest(): Promise<number> {
  if (SANITIZED_SERVER_ENV === undefined) {
    loadAddon();
    return process.pid;
  }
  return workerPid(await startServer(['--master', '--wsgi-file', testApp('wire.ts')]), 1);
}

describe('the addon that is looked at', () => {
  it('is the instrumented one', async () => {
    const maps = readFileSync(`/proc/${await pidOfInterest()}/maps`, 'utf8');
    assert.ok(INSTRUMENTED_ADDON !== undefined);
    assert.ok(maps.includes(INSTRUMENTED_ADDON), `${INSTRUMENTED_ADDON} is not loaded`);
  });
});
