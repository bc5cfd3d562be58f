import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../helpers/command.js';

const script = fileURLToPath(new URL('./fixtures/never-started.mjs', import.meta.url));

describe('a core that is made and never started', () => {
  for (const mode of ['loop', 'pool']) {
    it(`lets its process end: ${mode} mode`, async () => {
      // A process that cannot end is killed, which is not an exit code.
      const program = [String(10), process.execPath, script, mode];
      const { code, stderr } = await runCommand('timeout', program, { cwd: process.cwd() });
      assert.equal(stderr, '');
      assert.equal(code, 0);
    });
  }
});
