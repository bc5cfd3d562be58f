/** When a worker has served long enough. Pure: the caller brings the facts. */
import type { Config } from '../../config/config.js';

export type RecyclingLimits = Pick<
  Config,
  | 'maxRequests'
  | 'maxRequestsDelta'
  | 'minWorkerLifetime'
  | 'maxWorkerLifetime'
  | 'maxWorkerLifetimeDelta'
  | 'reloadOnRss'
  | 'reloadOnAs'
  | 'evilReloadOnRss'
  | 'evilReloadOnAs'
>;

export interface WorkerAge {
  /** uWSGI's: the first worker is 1. */
  readonly workerId: number;
  /** Since it became ready. */
  readonly ageMs: number;
  readonly requests: number;
}

export interface WorkerMemory {
  readonly residentBytes: number;
  readonly addressSpaceBytes: number;
}

const MEGABYTE = 1024 * 1024;

/** Whether any limit is set, and somebody has to look. */
export function recycles(limits: RecyclingLimits): boolean {
  return limits.maxRequests > 0 || limits.maxWorkerLifetime > 0 || watchesMemory(limits);
}

export function watchesMemory(limits: RecyclingLimits): boolean {
  const { reloadOnRss, reloadOnAs, evilReloadOnRss, evilReloadOnAs } = limits;
  return reloadOnRss + reloadOnAs + evilReloadOnRss + evilReloadOnAs > 0;
}

/** Why the worker is to be replaced; undefined while it is not. `memory` is unknown for a process that has just ended. */
export function recycleReason(
  limits: RecyclingLimits,
  age: WorkerAge,
  memory: WorkerMemory | undefined,
): string | undefined {
  const others = age.workerId - 1;
  const lifetimeMs = (limits.maxWorkerLifetime + others * limits.maxWorkerLifetimeDelta) * 1000;
  if (limits.maxWorkerLifetime > 0 && age.ageMs >= lifetimeMs) {
    return `lifetime reached, it was running for ${Math.round(age.ageMs / 1000)} second(s) (max-worker-lifetime)`;
  }
  if (age.ageMs < limits.minWorkerLifetime * 1000) return undefined;
  const maxRequests = limits.maxRequests + others * limits.maxRequestsDelta;
  if (limits.maxRequests > 0 && age.requests >= maxRequests) {
    return `${age.requests} requests served (max-requests ${maxRequests})`;
  }
  return memoryReason(limits, memory);
}

function memoryReason(limits: RecyclingLimits, memory: WorkerMemory | undefined) {
  if (memory === undefined) return undefined;
  const { residentBytes, addressSpaceBytes } = memory;
  if (exceeds(residentBytes, limits.reloadOnRss)) {
    return `resident memory is ${megabytes(residentBytes)} MB (reload-on-rss ${limits.reloadOnRss})`;
  }
  if (exceeds(addressSpaceBytes, limits.reloadOnAs)) {
    return `address space is ${megabytes(addressSpaceBytes)} MB (reload-on-as ${limits.reloadOnAs})`;
  }
  return undefined;
}

/** Why the worker is to be killed at once, as uWSGI logs it. */
export function evilReason(limits: RecyclingLimits, memory: WorkerMemory): string | undefined {
  const { residentBytes, addressSpaceBytes } = memory;
  if (exceeds(residentBytes, limits.evilReloadOnRss)) {
    return `RSS: ${residentBytes} bytes (evil-reload-on-rss ${limits.evilReloadOnRss})`;
  }
  if (exceeds(addressSpaceBytes, limits.evilReloadOnAs)) {
    return `AS: ${addressSpaceBytes} bytes (evil-reload-on-as ${limits.evilReloadOnAs})`;
  }
  return undefined;
}

function exceeds(bytes: number, limitMegabytes: number): boolean {
  return limitMegabytes > 0 && bytes >= limitMegabytes * MEGABYTE;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / MEGABYTE);
}
