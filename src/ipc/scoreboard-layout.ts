/**
 * Where things stand in the scoreboard's memory: native/base/scoreboard.h says the same in C++, and a test compares
 * both. A worker's row is a header, then a part for each of its I/O loops. All numbers in loops' parts are unsigned
 * 64-bit integers unless said otherwise; times in them are microseconds of CLOCK_MONOTONIC.
 */

/** Raised where anything has another place or meaning: a worker of another version than its master's does not start. */
export const BOARD_FORM = 2;

/** Cells of a worker's header: 64-bit floats. Counters count from the start of the row's worker. */
export const Cell = {
  // Written by the worker's JavaScript.
  /** When JavaScript last wrote the row, in milliseconds of `monotonicMs`; 0 until it is ready. */
  HEARTBEAT: 0,
  /** Requests whose application threw. */
  EXCEPTIONS: 1,
  STATIC_REQUESTS: 2,
  /** Requests that were answered 504 because of `--harakiri`. */
  EXPIRED: 3,
  /** Bytes of text that say which request JavaScript runs; 0 while it runs none. */
  CALL_LENGTH: 4,
  /** Delay of the event loop over the last seconds, in milliseconds. */
  LOOP_DELAY_MEAN: 5,
  LOOP_DELAY_P99: 6,
  LOOP_DELAY_MAX: 7,
  /** Share of the last seconds in which the event loop did not wait: 0 to 1. */
  LOOP_UTILISATION: 8,
  HEAP_USED_BYTES: 9,
  HEAP_TOTAL_BYTES: 10,
  /** Memory outside of the heap that objects in it own. */
  EXTERNAL_BYTES: 11,
  /**
   * How long JavaScript may be blocked where requests have limits of their own, in milliseconds: the limit of the
   * request whose call runs, and the longest one of all that run. 0: `--harakiri` counts; Infinity: no limit.
   */
  CALL_LIMIT: 12,
  LONGEST_LIMIT: 13,
  /** Lines of JavaScript's records that the log did not take. */
  LOG_LINES_DROPPED: 14,
  /** What the core knows the request by that JavaScript runs: I/O loop and slot in one number. Counts with CALL_LENGTH. */
  CALL_HANDLE: 15,
  /** Signals of the application (`registerSignal`) that its handlers got. */
  SIGNALS: 22,
  /** Destinations of JavaScript's records that refuse lines now. */
  LOG_LINES_WAITING: 23,

  // Written by the master.
  CONDEMNED: 16,
  RESIDENT_BYTES: 17,
  ADDRESS_SPACE_BYTES: 18,
  PID: 19,
  WORKER_ID: 20,
  /** Requests of all other workers since the server's start: for the numbers in request lines. */
  OTHER_REQUESTS: 21,
} as const;

export type CellName = keyof typeof Cell;

/** Counters of an I/O loop. */
export const Counter = {
  REQUESTS: 0,
  /** Given to JavaScript and not answered. */
  IN_FLIGHT: 1,
  /** Given to JavaScript since the start. */
  HANDED_OVER: 2,
  BYTES_IN: 3,
  BYTES_OUT: 4,
  /** Open now, and of those the ones without a request. */
  CONNECTIONS: 5,
  IDLE: 6,
  ACCEPTED: 7,
  /** Time that all finished requests took together, and its parts, in microseconds. */
  RUNNING_MICROS: 8,
  KERNEL_MICROS: 9,
  WAITING_MICROS: 10,
  JAVASCRIPT_MICROS: 11,
  WRITING_MICROS: 12,
  /** Requests in flight for which the table has no room. */
  UNTABLED: 13,
  /** When the loop last looked for something to do. */
  LAST_TURN: 14,
  DRAINING: 15,
  /** Answers by the status's first digit. */
  ANSWERS_1XX: 16,
  ANSWERS_2XX: 17,
  ANSWERS_3XX: 18,
  ANSWERS_4XX: 19,
  ANSWERS_5XX: 20,
  /** 503 because too many were waiting for JavaScript (`--max-pending`). */
  REJECTED: 21,
  /** What the core refused: malformed or oversized requests, uwsgi packets that were dropped. */
  BAD_REQUESTS: 22,
  TIMEOUTS: 23,
  ABORTED: 24,
  STALE_WRITES: 25,
  ACCEPT_PAUSES: 26,
  /** Connections that went to another worker, and that came from one. */
  GIVEN: 27,
  TAKEN: 28,
  /** Request lines that the log did not take, and bytes of lines that it refuses now. */
  LOG_DROPPED: 29,
  LOG_WAITING: 30,
} as const;

export type CounterName = keyof typeof Counter;

/** Histograms of an I/O loop, in their order. */
export const Latency = {
  /** In the kernel, before the loop read it. */
  kernel: 0,
  /** From its arrival until JavaScript took it. */
  waiting: 1,
  /** Until the last of the answer came from JavaScript. */
  javascript: 2,
  /** Until the kernel had taken the last of the answer. */
  writing: 3,
  /** From its arrival until then. */
  total: 4,
} as const;

export type LatencyName = keyof typeof Latency;

export const InFlightState = { FREE: 0, BODY: 1, GIVEN: 2, WRITING: 3 } as const;

/** Sizes and offsets in bytes. */
export const Layout = {
  headerBytes: 1024,
  cells: 32,
  textAt: 256,
  textBytes: 768,
  loopBytes: 22208,
  counters: 32,
  /** How many requests JavaScript has taken, and when it last did. */
  takenAt: 256,
  latenciesAt: 320,
  latencyBytes: 1920,
  buckets: 240,
  inFlightAt: 9920,
  inFlightBytes: 192,
  inFlightEntries: 64,
  // Of an entry. The first four and the lengths are 32-bit integers.
  versionAt: 0,
  stateAt: 4,
  handleAt: 8,
  generationAt: 12,
  sequenceAt: 16,
  startedAt: 24,
  deadlineAt: 32,
  methodLengthAt: 40,
  uriLengthAt: 44,
  methodAt: 48,
  methodBytes: 16,
  uriAt: 64,
  uriBytes: 128,
} as const;

export function rowBytes(loops: number): number {
  return Layout.headerBytes + loops * Layout.loopBytes;
}
