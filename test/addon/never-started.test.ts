import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../helpers/command.js';

const script = fileURLToPath(new URL('./fixtures/never-started.mjs', import.meta.url));

describe('a core that is made and never started', () => {
  for (const mode of ['loop', 'pool']) {
    it(`lets its process end: ${mode} mode`, async function () {
      // timeout(1) kills a process that cannot end and says so with 124; before the test's own limit, whatever it is here.
      const program = [String(this.timeout() / 2000), process.execPath, script, mode];
      const { code, stderr } = await runCommand('timeout', program, { cwd: process.cwd() });
      assert.equal(stderr, '');
      assert.equal(code, 0);
    });
  }
});
