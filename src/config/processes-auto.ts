/**
 * How many workers `--processes auto` means: the CPUs that the affinity mask allows, or fewer where a cgroup quota
 * (v1 `cpu.cfs_quota_us`, v2 `cpu.max`) gives less. A fraction of a CPU counts as a whole one.
 */
import type { Host } from './host.js';

export interface CpuCount {
  readonly count: number;
  /** For the log: which limit decided. */
  readonly reasoning: string;
}

export function countCpus(host: Host): CpuCount {
  const affinity = Math.max(1, host.availableParallelism());
  const quota = cgroupQuota(host);
  const allowed = `${affinity} CPU${affinity === 1 ? '' : 's'} available`;
  if (quota === undefined) return { count: affinity, reasoning: `${allowed}, no cgroup quota` };
  const count = Math.max(1, Math.min(affinity, Math.ceil(quota.cpus)));
  return {
    count,
    reasoning: `${allowed}, cgroup quota ${format(quota.cpus)} CPUs in ${quota.path}`,
  };
}

interface Quota {
  readonly cpus: number;
  readonly path: string;
}

/** The smallest quota of this process's cgroup and all those above it. */
function cgroupQuota(host: Host): Quota | undefined {
  const mounts = parseMounts(host.readFile('/proc/self/mountinfo') ?? '');
  const quotas = parseMemberships(host.readFile('/proc/self/cgroup') ?? '').flatMap(
    (membership) => {
      const mount = mounts.find(({ version }) => version === membership.version);
      return mount === undefined ? [] : quotasUpwards(host, mount, membership.path);
    },
  );
  return quotas.reduce<Quota | undefined>(
    (least, quota) => (least && least.cpus <= quota.cpus ? least : quota),
    undefined,
  );
}

interface Membership {
  readonly version: 1 | 2;
  readonly path: string;
}

/** Lines `hierarchy:controllers:path`; version 2 has hierarchy 0 and no controllers. */
function parseMemberships(text: string): Membership[] {
  return text.split('\n').flatMap((line): Membership[] => {
    const [, hierarchy, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (hierarchy === undefined || controllers === undefined || path === undefined) return [];
    if (hierarchy === '0' && controllers === '') return [{ version: 2, path }];
    return controllers.split(',').includes('cpu') ? [{ version: 1, path }] : [];
  });
}

interface CgroupMount {
  readonly version: 1 | 2;
  /** The cgroup that the mount point shows; in containers often the process's own. */
  readonly root: string;
  readonly mountPoint: string;
}

/** See proc_pid_mountinfo(5): `id parent dev root mountpoint options [fields] - type source superoptions`. */
function parseMounts(text: string): CgroupMount[] {
  return text.split('\n').flatMap((line): CgroupMount[] => {
    const [before, after] = line.split(' - ');
    const [, , , root, mountPoint] = before?.split(' ') ?? [];
    const [type, , options] = after?.split(' ') ?? [];
    if (root === undefined || mountPoint === undefined) return [];
    if (type === 'cgroup2') return [{ version: 2, root, mountPoint }];
    return type === 'cgroup' && options?.split(',').includes('cpu')
      ? [{ version: 1, root, mountPoint }]
      : [];
  });
}

function quotasUpwards(host: Host, mount: CgroupMount, path: string): Quota[] {
  const parts = relativeParts(mount.root, path);
  const quotas: Quota[] = [];
  for (let depth = parts.length; depth >= 0; depth--) {
    const directory = [mount.mountPoint, ...parts.slice(0, depth)].join('/');
    const cpus = mount.version === 2 ? quotaV2(host, directory) : quotaV1(host, directory);
    if (cpus !== undefined) quotas.push({ cpus, path: directory });
  }
  return quotas;
}

/** The cgroup as seen from the mount point; a path outside of it can only be looked at from its root. */
function relativeParts(root: string, path: string): string[] {
  const prefix = root === '/' ? '' : root;
  if (path !== prefix && !path.startsWith(`${prefix}/`)) return [];
  return path
    .slice(prefix.length)
    .split('/')
    .filter((part) => part !== '');
}

function quotaV2(host: Host, directory: string): number | undefined {
  const [quota, period] = host.readFile(`${directory}/cpu.max`)?.trim().split(/\s+/) ?? [];
  return ratio(quota, period);
}

function quotaV1(host: Host, directory: string): number | undefined {
  return ratio(
    host.readFile(`${directory}/cpu.cfs_quota_us`),
    host.readFile(`${directory}/cpu.cfs_period_us`),
  );
}

/** undefined for "no quota", written `max` (v2) or `-1` (v1). */
function ratio(quota: string | undefined, period: string | undefined): number | undefined {
  const cpus = Number(quota) / Number(period);
  return Number.isFinite(cpus) && cpus > 0 ? cpus : undefined;
}

function format(cpus: number): string {
  return String(Math.round(cpus * 100) / 100);
}
