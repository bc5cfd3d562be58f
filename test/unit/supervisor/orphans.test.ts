import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseStat, reapOrphans } from '../../../src/supervisor/orphans.js';

describe('orphans', () => {
  it('reads the state of a process whatever its name is', () => {
    const stat = '7 (a) Z 9 (b) S 3 7 7 0';
    assert.deepEqual(parseStat(stat), { pid: 7, state: 'S', parent: 3 });
    assert.equal(parseStat(''), undefined);
  });

  it('leaves the children alone that Node waits for', async () => {
    const reaped: number[] = [];
    const own = new Set<number>();
    const stop = reapOrphans(
      () => own,
      (pid) => reaped.push(pid) > 0,
    );
    const child = spawn(process.execPath, ['--eval', '']);
    own.add(child.pid ?? 0);
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    stop();
    assert.ok(!reaped.includes(child.pid ?? 0));
  });

  it('stops listening', () => {
    const before = process.listenerCount('SIGCHLD');
    reapOrphans(
      () => new Set(),
      () => true,
    )();
    assert.equal(process.listenerCount('SIGCHLD'), before);
  });
});
