/** Locks and caches of the application over an upgrade: the new server goes on with them where it understands them. */
import { closeSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import {
  openApplicationMemory,
  type ApplicationMemory,
  type ApplicationMemoryPlan,
} from '../binding/application-memory.js';
import type { NativeAddon } from '../binding/native.js';
import type { Logger } from '../log/logger.js';
import type { KeptMemory } from '../startup/inheritance.js';

/** What a running server left, mapped; undefined where it is to be made anew: it is closed then. */
export function keptMemory(
  left: KeptMemory | undefined,
  plan: ApplicationMemoryPlan,
  addon: NativeAddon,
  logger: Logger,
): { readonly fd: number; readonly memory: ApplicationMemory } | undefined {
  if (left === undefined) return undefined;
  const why = whyAnew(left, plan, addon);
  if (why === undefined)
    return { fd: left.fd, memory: openApplicationMemory(left.fd, plan, addon) };
  closeSync(left.fd);
  logger.warn(`caches and locks begin anew: ${why.words}`, { reason: why.reason });
  return undefined;
}

function whyAnew(
  left: KeptMemory,
  plan: ApplicationMemoryPlan,
  { memoryLayout }: Pick<NativeAddon, 'memoryLayout'>,
): { readonly reason: string; readonly words: string } | undefined {
  if (left.layout !== memoryLayout)
    return { reason: 'changed-layout', words: 'this version keeps them in another way' };
  if (isDeepStrictEqual(left.plan, plan)) return undefined;
  return { reason: 'changed-caches', words: 'they are configured in another way than before' };
}
