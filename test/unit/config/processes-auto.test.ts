import assert from 'node:assert/strict';
import { countProcesses } from '../../../src/config/processes-auto.js';
import { fakeHost } from './fake-host.js';

const V2_MOUNT = '30 24 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate';
const V1_MOUNT =
  '33 25 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct';

function count(cpus: number, files: Record<string, string>): number {
  return countProcesses(fakeHost(cpus, files), 0).count;
}

describe('processes = auto', () => {
  it('is the number of CPUs where no cgroup limits them', () => {
    assert.deepEqual(countProcesses(fakeHost(8), 0), {
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
    assert.deepEqual(countProcesses(fakeHost(8, files), 0), {
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

  describe('and memory', () => {
    const GIGABYTE = 1024 ** 3;
    const MEMORY_MOUNT = '34 25 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory';
    const V2 = { '/proc/self/cgroup': '0::/a/b\n', '/proc/self/mountinfo': V2_MOUNT };
    const limitedTo = (bytes: number, files: Record<string, string> = {}) =>
      count(8, { ...V2, '/sys/fs/cgroup/a/memory.max': `${bytes}\n`, ...files });

    it('starts no more than fit into the memory of the cgroup', () => {
      const files = { ...V2, '/sys/fs/cgroup/a/memory.max': '536870912' };
      assert.deepEqual(countProcesses(fakeHost(8, files), 0), {
        count: 3,
        reasoning:
          '8 CPUs available, no cgroup quota; 512 MB of memory in /sys/fs/cgroup/a, 128 MB assumed for a worker: room for 3',
      });
    });

    it('takes the size that --reload-on-rss allows a worker to have', () => {
      const files = { ...V2, '/sys/fs/cgroup/a/memory.max': '536870912' };
      const { count: workers, reasoning } = countProcesses(fakeHost(8, files), 64);
      assert.equal(workers, 7);
      assert.match(reasoning, /64 MB for a worker \(reload-on-rss\): room for 7$/);
    });

    it('takes the smallest limit on the way up, and starts one where not even one fits', () => {
      assert.equal(limitedTo(GIGABYTE, { '/sys/fs/cgroup/a/b/memory.max': '209715200' }), 1);
      assert.equal(limitedTo(GIGABYTE, { '/sys/fs/cgroup/memory.max': '339738624' }), 2);
      assert.equal(limitedTo(1024), 1);
    });

    it('knows that max is no limit, and that one above the memory of the machine means nothing', () => {
      const machine = { '/proc/meminfo': 'MemTotal:         600000 kB\nMemFree: 1 kB\n' };
      assert.equal(count(8, { ...V2, '/sys/fs/cgroup/a/memory.max': 'max\n' }), 8);
      assert.equal(limitedTo(64 * GIGABYTE, machine), 4);
      assert.equal(count(8, machine), 4);
    });

    it('reads version 1 hierarchies, which write no limit as a large one', () => {
      const files = {
        '/proc/self/cgroup': '9:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n',
        '/proc/self/mountinfo': `${V1_MOUNT}\n${MEMORY_MOUNT}\n`,
        '/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes': '536870912\n',
        '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      };
      assert.equal(count(8, files), 3);
    });
  });
});
