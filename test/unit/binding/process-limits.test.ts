import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { openFilesLimit, pageSize, processesLimit } from '../../../src/binding/process-limits.js';

const told = (...command: string[]): string =>
  execFileSync('sh', ['-c', command.join(' ')], { encoding: 'utf8' }).trim();

describe('limits of a process', () => {
  it('are those that the shell tells of', () => {
    assert.equal(openFilesLimit(), told('ulimit', '-n'));
    assert.equal(pageSize(), told('getconf', 'PAGESIZE'));
    assert.match(processesLimit(), /^(\d+|unlimited)$/);
  });
});
