/**
 * How many workers `--processes auto` means: as many as there are CPUs that the affinity mask allows, or fewer where a
 * cgroup quota (v1 `cpu.cfs_quota_us`, v2 `cpu.max`) gives less, and no more than memory has room for (cgroup v1
 * `memory.limit_in_bytes`, v2 `memory.max`, else the machine's). A fraction of a CPU counts as a whole one.
 */
import { smallestLimit, type CgroupDirectory, type CgroupLimit } from './cgroup.js';
import type { Host } from './host.js';

export interface ProcessCount {
  readonly count: number;
  /** For the log: which limits there are. */
  readonly reasoning: string;
}

const MEGABYTE = 1024 * 1024;
/** What the master needs, and what is left for peaks. */
const RESERVED_BYTES = 64 * MEGABYTE;
/** A worker with a moderate application. Nothing can be measured before the first one runs. */
const ASSUMED_WORKER_MEGABYTES = 128;

/** `workerMegabytes`: the size that a worker is allowed to have (`--reload-on-rss`); 0: one is assumed. */
export function countProcesses(host: Host, workerMegabytes: number): ProcessCount {
  const cpus = countCpus(host);
  const room = countRoom(host, workerMegabytes);
  if (room === undefined) return cpus;
  return {
    count: Math.max(1, Math.min(cpus.count, room.count)),
    reasoning: `${cpus.reasoning}; ${room.reasoning}`,
  };
}

function countCpus(host: Host): ProcessCount {
  const affinity = Math.max(1, host.availableParallelism());
  const quota = smallestLimit(host, 'cpu', (directory) => cpuQuota(host, directory));
  const allowed = `${affinity} CPU${affinity === 1 ? '' : 's'} available`;
  if (quota === undefined) return { count: affinity, reasoning: `${allowed}, no cgroup quota` };
  const count = Math.max(1, Math.min(affinity, Math.ceil(quota.value)));
  const cpus = String(Math.round(quota.value * 100) / 100);
  return { count, reasoning: `${allowed}, cgroup quota ${cpus} CPUs in ${quota.path}` };
}

function countRoom(host: Host, workerMegabytes: number): ProcessCount | undefined {
  const memory = memoryLimit(host);
  if (memory === undefined) return undefined;
  const assumed = workerMegabytes === 0;
  const each = assumed ? ASSUMED_WORKER_MEGABYTES : workerMegabytes;
  const count = Math.floor((memory.value - RESERVED_BYTES) / (each * MEGABYTE));
  const size = `${each} MB ${assumed ? 'assumed for a worker' : 'for a worker (reload-on-rss)'}`;
  const total = `${Math.round(memory.value / MEGABYTE)} MB of memory in ${memory.path}`;
  return { count, reasoning: `${total}, ${size}: room for ${Math.max(0, count)}` };
}

function cpuQuota(host: Host, { version, path }: CgroupDirectory): number | undefined {
  if (version === 1) {
    return ratio(
      host.readFile(`${path}/cpu.cfs_quota_us`),
      host.readFile(`${path}/cpu.cfs_period_us`),
    );
  }
  const [quota, period] = host.readFile(`${path}/cpu.max`)?.trim().split(/\s+/) ?? [];
  return ratio(quota, period);
}

/** undefined for "no quota", written `max` (v2) or `-1` (v1). */
function ratio(quota: string | undefined, period: string | undefined): number | undefined {
  const cpus = Number(quota) / Number(period);
  return Number.isFinite(cpus) && cpus > 0 ? cpus : undefined;
}

/** A limit above what the machine has means nothing; version 1 writes "no limit" as such a one. */
function memoryLimit(host: Host): CgroupLimit | undefined {
  const machine = machineMemory(host);
  const limit = smallestLimit(host, 'memory', ({ version, path }) => {
    const file = version === 2 ? 'memory.max' : 'memory.limit_in_bytes';
    const bytes = Number.parseInt(host.readFile(`${path}/${file}`) ?? '', 10);
    return Number.isFinite(bytes) ? bytes : undefined;
  });
  if (limit === undefined || (machine !== undefined && machine.value <= limit.value))
    return machine;
  return limit;
}

function machineMemory(host: Host): CgroupLimit | undefined {
  const path = '/proc/meminfo';
  const kilobytes = /^MemTotal:\s+(\d+) kB/m.exec(host.readFile(path) ?? '')?.[1];
  return kilobytes === undefined ? undefined : { value: Number(kilobytes) * 1024, path };
}
