import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AttachedDaemons } from '../../../src/supervisor/attached-daemons.js';
import { tempDir } from '../../helpers/temp-dir.js';
import { waitUntil } from '../../helpers/wait-until.js';

describe('attached daemons', () => {
  it('that do not end are killed, and each step is told', async () => {
    const log: string[] = [];
    const write = (message: string): void => void log.push(message);
    const deaf = join(tempDir(), 'deaf');
    const daemons = new AttachedDaemons(
      [`sh -c 'trap "" TERM; touch ${deaf}; while :; do sleep 1; done'`],
      { fact: write, info: write, warn: write, error: write },
    );
    daemons.start();
    await waitUntil('a daemon that hears nothing', () => existsSync(deaf));
    await daemons.stop(50);
    assert.equal(log.length, 3);
    assert.match(log[1] ?? '', /\(pid: \d+\) is told to end, and has 0\.05 s for it/);
    assert.match(log[2] ?? '', /\(pid: \d+\) is killed: it did not end within 0\.05 s/);
    assert.deepEqual(daemons.pids(), []);
  });
});
