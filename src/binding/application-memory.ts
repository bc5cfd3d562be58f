/** The memory that an application's functions share between workers: locks first, then caches. */
import type { CacheSettings } from '../config/cache-settings.js';
import type { NativeAddon, NativeLockTable, NativeSharedCache } from './native.js';

/** What is in the memory; the same in every process that maps it. */
export interface ApplicationMemoryPlan {
  readonly locks: number;
  readonly caches: readonly CacheSettings[];
}

export interface NamedCache {
  readonly settings: CacheSettings;
  readonly cache: NativeSharedCache;
}

export interface ApplicationMemory {
  readonly locks: NativeLockTable;
  /** How many there are in the table. */
  readonly lockCount: number;
  readonly caches: readonly NamedCache[];
}

type MemoryAddon = Pick<
  NativeAddon,
  'createSharedMemory' | 'sharedCacheBytes' | 'lockTableBytes' | 'SharedCache' | 'LockTable'
>;

/** A multiple of every page size there is. */
const ALIGNMENT = 64 * 1024;

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Where each cache begins; the last number is the size of it all. */
function offsets({ locks, caches }: ApplicationMemoryPlan, addon: MemoryAddon): number[] {
  let at = aligned(addon.lockTableBytes(locks));
  const starts = caches.map((settings) => {
    const start = at;
    at += aligned(addon.sharedCacheBytes(settings));
    return start;
  });
  return [...starts, at];
}

/** The descriptor is the caller's; the memory is there for as long as somebody has it, or has mapped it. */
export function createApplicationMemory(
  plan: ApplicationMemoryPlan,
  addon: MemoryAddon,
): { readonly fd: number; readonly memory: ApplicationMemory } {
  const fd = addon.createSharedMemory(offsets(plan, addon).at(-1) ?? ALIGNMENT);
  return { fd, memory: map(fd, plan, addon, true) };
}

/** Memory that another process made; the descriptor may be closed afterwards. */
export function openApplicationMemory(
  fd: number,
  plan: ApplicationMemoryPlan,
  addon: MemoryAddon,
): ApplicationMemory {
  return map(fd, plan, addon, false);
}

function map(
  fd: number,
  plan: ApplicationMemoryPlan,
  addon: MemoryAddon,
  initialize: boolean,
): ApplicationMemory {
  const starts = offsets(plan, addon);
  return {
    locks: new addon.LockTable(fd, plan.locks),
    lockCount: plan.locks,
    caches: plan.caches.map((settings, number) => ({
      settings,
      cache: new addon.SharedCache(fd, starts[number] ?? 0, settings, initialize),
    })),
  };
}
