import { AsyncLocalStorage } from 'node:async_hooks';
import type { CurrentRequest } from '../../app/host.js';
import type { Environ } from '../../app/types.js';
import { processState } from '../../app/process-state.js';

const state = processState();
const storage = new AsyncLocalStorage<CurrentRequest>();
const PREFIX = `${process.pid}-`;
const GROUP = 1000;
const GROUPS = Array.from({ length: GROUP }, (_, value) => String(value));
const PADDED = GROUPS.map((digits) => digits.padStart(3, '0'));

/**
 * A whole number as `String` writes it. V8 remembers strings that it makes of numbers; of numbers that are new with
 * every request that memory is what outlives them, so that the space for new objects grows, and the old one fills.
 */
export function decimal(value: number): string {
  if (value < GROUP) return GROUPS[value] as string;
  return decimal(Math.trunc(value / GROUP)) + (PADDED[value % GROUP] as string);
}

/** Slots whose ids' beginnings are remembered; a power of two. */
const SLOTS = 4096;
const slots = new Array<number>(SLOTS).fill(-1);
const thousands = new Array<number>(SLOTS).fill(-1);
const beginnings = new Array<string>(SLOTS).fill('');

/**
 * Unique on the machine: the process, the place in the core, and how often that was given out. The core makes the
 * same text for the request's line in the log (native/server/log_line.cc). All but its last three digits is the same
 * for a thousand requests of a slot.
 */
export function requestIdOf(slot: number, generation: number): string {
  const rest = generation % GROUP;
  const group = (generation - rest) / GROUP;
  const at = slot & (SLOTS - 1);
  const beginning =
    slots[at] === slot && thousands[at] === group
      ? (beginnings[at] as string)
      : remember(at, slot, group);
  return beginning + ((group === 0 ? GROUPS : PADDED)[rest] as string);
}

function remember(at: number, slot: number, group: number): string {
  const beginning = `${PREFIX}${slot}-${group === 0 ? '' : decimal(group)}`;
  slots[at] = slot;
  thousands[at] = group;
  beginnings[at] = beginning;
  return beginning;
}

/** The request whose code runs, for applications that have imported the package: others do not pay for it. */
export function currentRequest(): CurrentRequest | undefined {
  return storage.getStore();
}

/** Calls `run` so that it, and what it starts, finds the request. No rest parameters: they cost every request. */
export function withRequest<A, B>(
  environ: Environ,
  run: (first: A, second: B, environ: Environ) => void,
  first: A,
  second: B,
): void {
  if (!state.imported) run(first, second, environ);
  else storage.run({ id: environ['tsuwsgi.request_id'], environ }, run, first, second, environ);
}
