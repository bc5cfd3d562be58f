import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { tempDir } from '../helpers/temp-dir.js';
import { MODES, post, startWire, type WireServer } from './wire-server.js';

/** Two of them are more than the smallest --body-memory. */
const BODY = 'b'.repeat(60_000);

describe('--body-memory', () => {
  for (const mode of MODES) {
    it(`is free again when a client leaves whose request never read its body (${mode} mode)`, async () => {
      const directory = tempDir();
      const wire = await startWire(mode, ['--body-memory', '64k', '--spool-dir', directory]);
      const leaving = await wire.connect();
      await leaving.send(post('/until-abort', BODY));
      await wire.event(/^started until-abort$/);
      assert.equal(await placeOfBody(wire, directory), 'file');
      leaving.reset();
      await wire.event(/^aborted for client-gone$/);
      assert.equal(await placeOfBody(wire, directory), 'memory');
    });
  }
});

/** Where the body of one more request is. */
async function placeOfBody(wire: WireServer, directory: string): Promise<string> {
  const socket = await wire.connect();
  return (await socket.request(post(`/spooled/${basename(directory)}`, BODY))).text;
}
