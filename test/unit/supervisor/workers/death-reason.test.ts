import assert from 'node:assert/strict';
import { describeDeath, type DeathFacts } from '../../../../src/supervisor/workers/death-reason.js';

function facts(change: Partial<DeathFacts>): DeathFacts {
  return { exit: { code: null, signal: null }, oomKills: 0, asked: false, ...change };
}

const bySignal = (signal: NodeJS.Signals, oomKills = 0): DeathFacts =>
  facts({ exit: { code: null, signal }, oomKills });
const byCode = (code: number): DeathFacts => facts({ exit: { code, signal: null } });

describe('death reason', () => {
  it('suspects the kernel only when the cgroup counted a kill', () => {
    assert.match(describeDeath(bySignal('SIGKILL', 1)).reason, /cgroup is out of memory/);
    assert.match(describeDeath(bySignal('SIGKILL')).reason, /by somebody, or by the kernel/);
    assert.equal(describeDeath(bySignal('SIGKILL')).crash, false);
    assert.equal(describeDeath(bySignal('SIGKILL', 1)).crash, true);
  });

  it('tells crashes of native code and a full heap from each other', () => {
    assert.match(describeDeath(bySignal('SIGSEGV')).reason, /native code \(SIGSEGV\)/);
    assert.match(describeDeath(bySignal('SIGABRT')).reason, /heap is full/);
  });

  it('explains exit codes of Node', () => {
    assert.match(describeDeath(byCode(0)).reason, /process\.exit\(\)/);
    assert.match(describeDeath(byCode(13)).reason, /top-level await .*, or process\.exit\(13\)$/);
    assert.equal(describeDeath(byCode(42)).reason, 'exited with code 42');
  });

  it('takes a drained worker for what it is', () => {
    assert.deepEqual(describeDeath(byCode(17)), { reason: 'drained', crash: false });
  });

  it('prefers what it knows: the failed boot, our own kill, a farewell', () => {
    const exit = { code: null, signal: 'SIGKILL' } as const;
    assert.equal(describeDeath(facts({ exit, killReason: 'not ready' })).reason, 'not ready');
    const failed = facts({ exit: { code: 22, signal: null }, bootFailure: 'no such file' });
    assert.deepEqual(describeDeath(failed), { reason: 'no such file', crash: true });
  });

  it('tells a worker that leaves in order from one that leaves because it failed', () => {
    const leaves = (code: number): boolean =>
      describeDeath(facts({ exit: { code, signal: null }, farewell: 'why' })).crash;
    assert.equal(leaves(17), false);
    assert.equal(leaves(1), true);
  });

  it('takes exit code 0 for an accident unless the worker was told to stop', () => {
    const exit = { code: 0, signal: null };
    assert.equal(describeDeath(facts({ exit, asked: true })).reason, 'stopped');
    assert.equal(describeDeath(facts({ exit })).crash, true);
  });

  it('says what to do when no process can be started', () => {
    const spawnError = Object.assign(new Error('spawn node EAGAIN'), { code: 'EAGAIN' });
    const { reason } = describeDeath(facts({ exit: { code: null, signal: null, spawnError } }));
    assert.match(reason, /limit of processes/);
  });
});
