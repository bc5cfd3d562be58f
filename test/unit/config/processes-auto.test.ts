import assert from 'node:assert/strict';
import { countCpus } from '../../../src/config/processes-auto.js';
import { fakeHost } from './fake-host.js';

const V2_MOUNT = '30 24 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate';
const V1_MOUNT =
  '33 25 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct';

function count(cpus: number, files: Record<string, string>): number {
  return countCpus(fakeHost(cpus, files)).count;
}

describe('processes = auto', () => {
  it('is the number of CPUs where no cgroup limits them', () => {
    assert.deepEqual(countCpus(fakeHost(8)), {
      count: 8,
      reasoning: '8 CPUs available, no cgroup quota',
    });
  });

  it('is at least one', () => {
    assert.equal(count(0, {}), 1);
  });

  it('follows the quota of the own cgroup (v2), rounded up', () => {
    const files = {
      '/proc/self/cgroup': '0::/system.slice/app.service\n',
      '/proc/self/mountinfo': `${V2_MOUNT}\n`,
      '/sys/fs/cgroup/system.slice/app.service/cpu.max': '150000 100000\n',
    };
    assert.deepEqual(countCpus(fakeHost(8, files)), {
      count: 2,
      reasoning:
        '8 CPUs available, cgroup quota 1.5 CPUs in /sys/fs/cgroup/system.slice/app.service',
    });
  });

  it('takes the smallest quota on the way up', () => {
    const files = {
      '/proc/self/cgroup': '0::/a/b\n',
      '/proc/self/mountinfo': V2_MOUNT,
      '/sys/fs/cgroup/a/b/cpu.max': '400000 100000',
      '/sys/fs/cgroup/a/cpu.max': '200000 100000',
    };
    assert.equal(count(8, files), 2);
  });

  it('knows that max is no quota, and that a quota above the affinity changes nothing', () => {
    const base = { '/proc/self/cgroup': '0::/\n', '/proc/self/mountinfo': V2_MOUNT };
    assert.equal(count(8, { ...base, '/sys/fs/cgroup/cpu.max': 'max 100000' }), 8);
    assert.equal(count(2, { ...base, '/sys/fs/cgroup/cpu.max': '400000 100000' }), 2);
  });

  it('gives one worker to less than one CPU', () => {
    const base = { '/proc/self/cgroup': '0::/\n', '/proc/self/mountinfo': V2_MOUNT };
    assert.equal(count(8, { ...base, '/sys/fs/cgroup/cpu.max': '20000 100000' }), 1);
  });

  it('reads version 1 hierarchies', () => {
    const directory = '/sys/fs/cgroup/cpu,cpuacct/docker/abc';
    const files = {
      '/proc/self/cgroup': '12:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n',
      '/proc/self/mountinfo': V1_MOUNT,
      [`${directory}/cpu.cfs_quota_us`]: '300000\n',
      [`${directory}/cpu.cfs_period_us`]: '100000\n',
    };
    assert.equal(count(8, files), 3);
    assert.equal(count(8, { ...files, [`${directory}/cpu.cfs_quota_us`]: '-1\n' }), 8);
  });

  it('sees a container, whose mount shows only its own cgroup', () => {
    const files = {
      '/proc/self/cgroup': '4:cpu,cpuacct:/docker/abc\n',
      '/proc/self/mountinfo': V1_MOUNT.replace(' / ', ' /docker/abc '),
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '200000',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000',
    };
    assert.equal(count(8, files), 2);
  });

  it('looks at the root of the mount where the own path is outside of it', () => {
    const files = {
      '/proc/self/cgroup': '0::/../other\n',
      '/proc/self/mountinfo': V2_MOUNT.replace(' / ', ' /here '),
      '/sys/fs/cgroup/cpu.max': '100000 100000',
    };
    assert.equal(count(8, files), 1);
  });

  it('is not confused by files of another shape', () => {
    const files = {
      '/proc/self/cgroup': 'nonsense\n::\n0::/\n',
      '/proc/self/mountinfo': `short\n - \n${V2_MOUNT}`,
      '/sys/fs/cgroup/cpu.max': 'abc',
    };
    assert.equal(count(8, files), 8);
  });
});
