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

/**
 * Unique on the machine: the process, the place in the core, and how often that was given out. The core makes the
 * same text for the request's line in the log (native/server/log_line.cc).
 */
export function requestIdOf(slot: number, generation: number): string {
  return `${PREFIX}${slot}-${decimal(generation)}`;
}

/** The request whose code runs, for applications that have imported the package: others do not pay for it. */
export function currentRequest(): CurrentRequest | undefined {
  return storage.getStore();
}

/** Calls `run` so that it, and what it starts, finds the request. */
export function withRequest<A extends readonly unknown[]>(
  environ: Environ,
  run: (...values: A) => void,
  ...values: A
): void {
  if (!state.imported) run(...values);
  else storage.run({ id: environ['tsuwsgi.request_id'], environ }, run, ...values);
}
