/** What is known of a worker that is killed because its event loop stands still, in words and as fields. Pure. */
import { Layout } from '../../ipc/scoreboard-layout.js';
import type { InFlightRequest } from '../../ipc/scoreboard.js';
import type { LogFields } from '../../log/logger.js';
import { stackText, type HangStack } from './hang-stack.js';
import type { KernelState } from '../recycling/process-memory.js';

export interface HangFacts {
  readonly blockedMs: number;
  /** Method and URI of the request whose call runs; undefined in code behind an `await`, and outside of requests. */
  readonly call: string | undefined;
  /** As the I/O loops know them, the oldest first. */
  readonly inFlight: readonly InFlightRequest[];
  /** All of them, also those that `inFlight` has no room for. */
  readonly inFlightCount: number;
  /** Milliseconds of `monotonicMs`. */
  readonly now: number;
  readonly stack: HangStack;
  readonly kernel: KernelState;
  readonly residentBytes: number | undefined;
  /** Of the event loop, before it stood still. */
  readonly loopDelayP99Ms: number;
  /** Whether its I/O threads have answered or given away what they had; undefined where it has none. */
  readonly evacuated: boolean | undefined;
}

/** Requests that a record in text names; the JSON record and `--harakiri-verbose` name all that are known. */
const MOST_NAMED = 5;
const MEGABYTE = 1024 * 1024;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function name({ method, uri }: InFlightRequest): string {
  return `${method} ${uri}`;
}

/** Whether `call` says this request. A URI in the table may be cut; the call's has more room. */
function isCall(call: string, request: InFlightRequest): boolean {
  const cut = request.uri.length >= Layout.uriBytes;
  return cut ? call.startsWith(name(request)) : call === name(request);
}

/** The request in `call`: the oldest one of that name that JavaScript has. */
export function blockingRequest({ call, inFlight }: HangFacts): InFlightRequest | undefined {
  return inFlight.find(
    (request) => request.state !== 'waiting' && call !== undefined && isCall(call, request),
  );
}

function what(facts: HangFacts): string {
  const { call, now } = facts;
  if (call === undefined) return 'code that runs outside of requests, or behind an await';
  const request = blockingRequest(facts);
  return request === undefined ? call : `${call} (${seconds(now - request.startedMs)} old)`;
}

function blocked(facts: HangFacts): string {
  const text = `JavaScript blocked for ${seconds(facts.blockedMs)}`;
  // Outside of a call it is not known that any code runs in a process that is stopped.
  return facts.call === undefined && isStopped(facts) ? text : `${text} in: ${what(facts)}`;
}

function isStopped({ kernel }: Pick<HangFacts, 'kernel'>): boolean {
  return kernel.state === 'T';
}

/** What the worker's end is put down to. */
export function hangReason(facts: Pick<HangFacts, 'kernel' | 'blockedMs'>): string {
  const why = isStopped(facts)
    ? 'its process was stopped, nothing was heard of it'
    : 'its JavaScript was blocked';
  return `harakiri: ${why} for ${seconds(facts.blockedMs)}`;
}

function where(facts: HangFacts): string {
  const { stack } = facts;
  if (isStopped(facts)) return 'the process is stopped (SIGSTOP, or a debugger)';
  if (stack.frames === undefined) return `no JavaScript stack: ${stack.reason}`;
  const [top] = stack.frames;
  if (top === undefined) return 'no JavaScript on the stack';
  const text = top.text === undefined ? '' : `: ${top.text}`;
  return `at ${top.file}:${top.line}:${top.column}${text}`;
}

function neighbours(facts: HangFacts, verbose: boolean): string {
  const blocking = blockingRequest(facts);
  const others = facts.inFlight.filter((request) => request !== blocking);
  const named = verbose ? others : others.slice(0, MOST_NAMED);
  const list = named.map(
    (request) =>
      `${name(request)} (${request.state}, ${seconds(facts.now - request.startedMs)} old)`,
  );
  if (list.length < others.length) list.push(`${others.length - list.length} more`);
  const count = `${facts.inFlightCount} request(s) in flight`;
  return list.length === 0 ? count : `${count}, beside it: ${list.join(', ')}`;
}

/** Behind `*** HARAKIRI ON WORKER … ***`. */
export function hangText(facts: HangFacts, verbose: boolean): string {
  const { kernel, residentBytes, loopDelayP99Ms, evacuated, stack } = facts;
  const parts = [blocked(facts), where(facts), neighbours(facts, verbose)];
  if (evacuated !== undefined)
    parts.push(
      evacuated
        ? 'its I/O threads have answered them or given them to another worker'
        : 'its I/O threads have not let go of them',
    );
  if (residentBytes !== undefined) parts.push(`RSS ${Math.round(residentBytes / MEGABYTE)} MB`);
  parts.push(`event loop delay before p99 ${Math.round(loopDelayP99Ms)} ms`);
  if (verbose || stack.frames === undefined)
    parts.push(`syscall> ${kernel.syscall}`, `wchan> ${kernel.wchan}`);
  return parts.join('; ');
}

export function hangFields(facts: HangFacts): LogFields {
  const { stack, kernel, now, blockedMs, call, inFlightCount, evacuated } = facts;
  const blocking = blockingRequest(facts);
  const frames = stack.frames ?? [];
  const [top] = frames;
  return {
    reason: isStopped(facts) ? 'stopped' : 'blocked',
    blockedMs: Math.round(blockedMs),
    call,
    ageMs: blocking === undefined ? undefined : Math.round(now - blocking.startedMs),
    inFlight: inFlightCount,
    requests: facts.inFlight.map(({ method, uri, state, startedMs }) => ({
      method,
      uri,
      state,
      ageMs: Math.round(now - startedMs),
    })),
    at: top === undefined ? undefined : `${top.file}:${top.line}:${top.column}`,
    source: top?.text,
    noStack: stack.frames === undefined ? stack.reason : undefined,
    residentBytes: facts.residentBytes,
    loopDelayP99Ms: Math.round(facts.loopDelayP99Ms),
    evacuated,
    state: kernel.state,
    syscall: kernel.syscall,
    wchan: kernel.wchan,
    ...(frames.length > 0 ? { stack: stackText(frames) } : {}),
  };
}
