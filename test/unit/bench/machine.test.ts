import assert from 'node:assert/strict';
import { coresOf, parseCpuList } from '../../../bench/cpus.js';
import { readOptions } from '../../../bench/options.js';
import { readTree } from '../../../bench/process-tree.js';

describe('the machine of a benchmark', () => {
  it('counts this process with its CPU time and memory', () => {
    const before = readTree(process.pid);
    const until = process.cpuUsage().user + 50_000;
    while (process.cpuUsage().user < until);
    const after = readTree(process.pid);
    assert.ok(after.processes >= 1);
    assert.ok(after.cpuMicroseconds - before.cpuMicroseconds >= 30_000);
    assert.ok(Math.abs(after.rssKilobytes * 1024 - process.memoryUsage.rss()) < 64 * 2 ** 20);
  });

  it('gives the first two cores that may be used, or pins nothing where there is one', () => {
    assert.deepEqual(parseCpuList('2-4,8\n'), [2, 3, 4, 8]);
    assert.deepEqual(coresOf([2, 3, 4, 8]), { server: 2, load: 3 });
    assert.deepEqual(coresOf([5]), { server: undefined, load: undefined });
    assert.deepEqual(coresOf([]), { server: undefined, load: undefined });
  });

  it('lets the user choose other cores, or none', () => {
    const { serverCpu, loadCpu } = readOptions(['--server-cpu', '7', '--load-cpu=-1']);
    assert.equal(serverCpu, 7);
    assert.equal(loadCpu, undefined);
  });
});
