import type { AsyncResource } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { GatewayError } from '../../app/errors.js';
import type { Chunk } from '../../app/types.js';
import { abandonStream } from './abandon-stream.js';
import { describe } from './response-head.js';
import { cancelStream, readerOf } from './web-stream.js';

/** What a pump feeds: the exchange. */
export interface BodySink {
  /** `wait`: call `whenWritable` before the next; `stop`: nothing more can be sent. */
  send(chunk: Chunk): 'more' | 'wait' | 'stop';
  whenWritable(resume: () => void): void;
  /** The body is complete. */
  end(): void;
  fail(error: unknown): void;
  /** Sends what is written so far without waiting for the end of the turn. */
  flush(): void;
  /** An error while cleaning up, after which the response stands as it is. */
  complain(error: unknown): void;
}

/**
 * A step of the application's iterator that took longer than this blocks the thread: what is
 * written goes out before the next one.
 */
const SLOW_STEP_MS = 0.2;
/**
 * The first pieces go out at once, each by itself: a page's head is worth more early than cheap.
 */
const EAGER_PIECES = 4;
/** After this long in one turn, others have theirs. */
const TURN_MS = 5;

type Step = IteratorResult<unknown, unknown>;
const PENDING = Symbol('pending');
type AnyIterator = {
  next(): Step | Promise<Step>;
  return?(): unknown;
};
type Closable = { close?: unknown };

/**
 * Iterates a response body, one piece at a time, no faster than the client reads. Closes it once,
 * however it ends.
 */
export class BodyPump {
  readonly #sink: BodySink;
  readonly #body: object;
  readonly #iterator: AnyIterator;
  /** The request's asynchronous context: the application's code runs in it at every step. */
  readonly #scope: AsyncResource;
  readonly #eager: boolean;
  #pieces = 0;
  #closed = false;

  /** Throws where `body` cannot be iterated. */
  constructor(sink: BodySink, body: object, scope: AsyncResource) {
    this.#sink = sink;
    this.#body = body;
    this.#scope = scope;
    this.#iterator = iteratorOf(body);
    this.#eager = !Array.isArray(body);
  }

  /** Goes on from where it stopped. Call it within the request's context. */
  run(): void {
    const began = performance.now();
    let last = began;
    for (;;) {
      if (this.#closed) return;
      const step = this.#step();
      if (step === PENDING || !this.#take(step)) return;
      const now = performance.now();
      if (this.#eager && (now - last > SLOW_STEP_MS || this.#pieces <= EAGER_PIECES))
        this.#sink.flush();
      if (now - began > TURN_MS) {
        setImmediate(this.#resume);
        return;
      }
      last = now;
    }
  }

  /** The request is gone: stops and closes the body. */
  cancel(): void {
    this.#scope.runInAsyncScope(this.#close, this, false);
  }

  readonly #resume = (): void => {
    this.#scope.runInAsyncScope(() => this.run());
  };

  /** The next step where it is there at once; PENDING where it is awaited or failed. */
  #step(): Step | typeof PENDING {
    try {
      const step = this.#iterator.next();
      if (!isThenable(step)) return step;
      step.then(this.#resolved, this.#rejected);
    } catch (error) {
      this.#rejected(error);
    }
    return PENDING;
  }

  readonly #resolved = (step: Step): void => {
    if (this.#closed) return;
    if (this.#take(step)) this.#resume();
  };

  /** The iterator threw: by the iterator protocol it is finished. */
  readonly #rejected = (error: unknown): void => {
    if (this.#closed) return;
    this.#scope.runInAsyncScope(this.#close, this, true);
    this.#sink.fail(error);
  };

  /** Sends what a step gave. Returns whether the next step may follow at once. */
  #take(step: Step): boolean {
    if (!isObject(step)) {
      this.#stop(
        new GatewayError(
          'ERR_TSUWSGI_BODY',
          `the body's iterator gave ${describe(step)} for a step`,
        ),
      );
      return false;
    }
    if (step.done === true) {
      this.#finish();
      return false;
    }
    const { value } = step;
    if (isThenable(value)) {
      value.then((chunk) => this.#resolved({ done: false, value: chunk }), this.#valueRejected);
      return false;
    }
    return this.#send(value);
  }

  /**
   * A promise that the iterator gave was rejected: the iterator itself goes on, so it must be told
   * to stop.
   */
  readonly #valueRejected = (error: unknown): void => {
    this.#stop(error);
  };

  #send(value: unknown): boolean {
    if (value === null || value === undefined) return true;
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
      this.#stop(strangePiece(value));
      return false;
    }
    this.#pieces += 1;
    let outcome: 'more' | 'wait' | 'stop';
    try {
      outcome = this.#sink.send(value);
    } catch (error) {
      this.#stop(error);
      return false;
    }
    if (outcome === 'stop') this.cancel();
    if (outcome === 'wait') this.#sink.whenWritable(this.#resume);
    return outcome === 'more';
  }

  #finish(): void {
    this.#scope.runInAsyncScope(this.#close, this, true);
    this.#sink.end();
  }

  #stop(error: unknown): void {
    if (this.#closed) return;
    this.cancel();
    this.#sink.fail(error);
  }

  /** `finished`: the iterator came to its own end. */
  #close(finished: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    closeBody(this.#body, finished ? undefined : this.#iterator, (error) =>
      this.#sink.complain(error),
    );
  }
}

/**
 * Ends a body that will not be iterated to its end: tells the iterator (so that a generator runs
 * its `finally`), then calls `close()` where the body has it (PEP 3333).
 */
export function closeBody(
  body: object,
  iterator: AnyIterator | undefined,
  complain: (error: unknown) => void,
): void {
  quietly(() => iterator?.return?.(), complain);
  if (body instanceof Readable) {
    // An iterator that was never started does not destroy its stream.
    abandonStream(body);
    return;
  }
  if (body instanceof ReadableStream) {
    // One that is read, or was, is its reader's.
    if (!body.locked) quietly(() => cancelStream(body), complain);
    return;
  }
  const { close } = body as Closable;
  if (typeof close === 'function') quietly(() => close.call(body) as unknown, complain);
}

/** Runs `action`; what it throws, or rejects with, goes to `complain`. */
function quietly(action: () => unknown, complain: (error: unknown) => void): void {
  try {
    const result = action();
    if (isThenable(result)) result.then(undefined, complain);
  } catch (error) {
    complain(error);
  }
}

export function strangePiece(piece: unknown): GatewayError {
  return new GatewayError(
    'ERR_TSUWSGI_BODY',
    `a response body consists of strings and bytes; its iterable gave ${describe(piece)}`,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

function iteratorOf(body: object): AnyIterator {
  if (body instanceof ReadableStream) return readerOf(body);
  const { [Symbol.asyncIterator]: asynchronous, [Symbol.iterator]: synchronous } = body as {
    [Symbol.asyncIterator]?: () => AnyIterator;
    [Symbol.iterator]?: () => AnyIterator;
  };
  const make = asynchronous ?? synchronous;
  if (typeof make !== 'function') {
    throw new GatewayError(
      'ERR_TSUWSGI_BODY',
      `the application returned ${describe(body)}: expected a string, bytes, an iterable of them, or a stream`,
    );
  }
  return make.call(body);
}
