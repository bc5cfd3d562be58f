import { AsyncResource } from 'node:async_hooks';
import { GatewayError, RequestAbortedError, type AbortCause } from '../app/errors.js';
import type { Application, Chunk, Environ, Header, Write } from '../app/types.js';
import { answer } from './answer.js';
import { BodyPump, closeBody, type BodySink } from './body-pump.js';
import { details, headline, isAbort } from './failure-words.js';
import type { OpenFile } from './file-body.js';
import type { Gateway } from './gateway.js';
import type { RequestInput } from './input-stream.js';
import { EMPTY_BODY, UNDECLARED } from './outbox.js';
import { toBytes } from './raw-buffer.js';
import type { RequestSignal } from './request-signal.js';
import { describe, type ResponseHead } from './response-head.js';

/** Nothing has been sent; the head has; all has; the core ended it. */
const OPEN = 0;
const STREAMING = 1;
const FINISHED = 2;
const GONE = 3;
type State = typeof OPEN | typeof STREAMING | typeof FINISHED | typeof GONE;

const RESOLVED = Promise.resolve();

/**
 * One request and its response: PEP 3333's rules for what may be called when, and what each outcome
 * does to the connection.
 */
export class Exchange implements BodySink {
  readonly slot: number;
  readonly generation: number;
  readonly input: RequestInput;
  readonly signal: AbortSignal;
  readonly #gateway: Gateway;
  readonly #signal: RequestSignal;
  readonly #method: string;
  readonly #uri: string;
  #state: State = OPEN;
  #head: ResponseHead | undefined = undefined;
  /** The Content-Length that binds the body. */
  #declared = UNDECLARED;
  /** Body bytes sent. */
  #sent = 0;
  /** Body bytes written since the core last said WRITABLE; it counts the same. */
  #unacknowledged = 0;
  #pump: BodyPump | undefined = undefined;
  #waiters: (() => void)[] | undefined = undefined;
  #registered = false;
  #since = 0;
  #complained = false;

  constructor(
    gateway: Gateway,
    slot: number,
    generation: number,
    environ: Environ,
    input: RequestInput,
    signal: RequestSignal,
  ) {
    this.#gateway = gateway;
    this.slot = slot;
    this.generation = generation;
    this.#method = environ.REQUEST_METHOD;
    this.#uri = environ.REQUEST_URI;
    this.input = input;
    this.#signal = signal;
    this.signal = signal.signal;
  }

  /**
   * Runs the application. Never throws: whatever it does ends in a response, an abort or a wait.
   */
  run(application: Application, environ: Environ): void {
    try {
      answer(
        this,
        application(environ, (status, headers, error) => this.#start(status, headers, error)),
      );
    } catch (error) {
      this.fail(error);
    }
  }

  /** Whether the response is complete, or cannot be any more. */
  get over(): boolean {
    return this.#state >= FINISHED;
  }

  /** Whether bytes of the response are on their way. */
  get begun(): boolean {
    return this.#state !== OPEN;
  }

  /** The body that follows has `total` bytes. Throws where another length was declared. */
  expectLength(total: number): void {
    if (this.#state !== OPEN) return;
    if (this.#declared === UNDECLARED) this.#declared = total;
    const bodyless = this.#head !== undefined && this.#bodyless(this.#head.code);
    if (this.#declared !== total && !bodyless) throw this.#lengthError(total);
  }

  /** The core says that the request is gone. */
  abort(cause: AbortCause): void {
    if (this.#state >= FINISHED) return;
    const reason = new RequestAbortedError(cause);
    this.#state = GONE;
    this.input.abort(reason);
    this.#signal.abort(reason);
    // Before whoever waits is woken: a body must not be asked for one piece more.
    this.#pump?.cancel();
    this.#release();
  }

  /** See LiveExchange. */
  askToEnd(): void {
    if (this.begun && !this.over) this.#signal.abort(new RequestAbortedError('draining'));
  }

  /** When it outlived its call, by the clock of the exchange table. */
  get since(): number {
    return this.#since;
  }

  /** Past its deadline: 504 while nothing has been sent, a cut connection after that. */
  expire(ageMs: number): void {
    if (this.#state >= FINISHED) return;
    const { exchanges, log } = this.#gateway;
    exchanges.expired += 1;
    const outcome = this.#state === OPEN ? 'answered 504' : 'its connection is cut';
    log.error(
      `*** HARAKIRI *** ${this.#method} ${this.#uri} took ${(ageMs / 1000).toFixed(1)} s (pid: ${process.pid}): ${outcome}`,
      { reason: 'deadline', method: this.#method, uri: this.#uri, ageMs: Math.round(ageMs) },
    );
    this.#answerOrCut('504 Gateway Timeout', 'Gateway Timeout\n');
    this.abort('deadline');
  }

  /** The core says that the client took what was written. */
  writable(): void {
    this.#unacknowledged = 0;
    this.#wake();
  }

  #start(status: string, headers: readonly Header[], error: unknown): Write {
    if (error !== undefined && error !== null) {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- PEP 3333: what was given is what is raised
      if (this.#state !== OPEN) throw error;
    } else if (this.#head !== undefined) {
      throw new GatewayError(
        'ERR_TSUWSGI_START_RESPONSE',
        'startResponse was called twice without an error as third argument',
      );
    }
    const { heads } = this.#gateway;
    this.#head = heads.lookup(status, headers);
    this.#declared = heads.declared;
    return (data) => this.#write(data);
  }

  #write(data: Chunk): Promise<void> {
    if (this.#state >= FINISHED) {
      this.#warnLate();
      return RESOLVED;
    }
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
      throw new GatewayError(
        'ERR_TSUWSGI_BODY',
        `write() needs a string or bytes, not ${describe(data)}`,
      );
    }
    if (this.send(data) !== 'wait') return RESOLVED;
    return new Promise((resolve) => this.whenWritable(resolve));
  }

  /** The whole body at once. */
  complete(body: Chunk): void {
    if (this.#state !== OPEN) {
      this.#completeStreaming(body);
      return;
    }
    const head = this.#requireHead();
    const bodyless = this.#bodyless(head.code);
    const sendable = head.code === 204 || head.code === 304 ? EMPTY_BODY : body;
    const declared = head.code === 204 ? UNDECLARED : this.#declared;
    const { outbox } = this.#gateway;
    if (outbox.respond(this.slot, this.generation, head, declared, sendable, bodyless) < 0) {
      throw this.#lengthError(typeof body === 'string' ? Buffer.byteLength(body) : body.length);
    }
    this.#finish();
  }

  /** After `write()`: what is returned follows what was written. */
  #completeStreaming(body: Chunk): void {
    if (this.#state !== STREAMING) return;
    this.send(body);
    this.end();
  }

  /** Sends the pieces of `body`, as fast as the client takes them. */
  iterate(body: object): void {
    this.register();
    try {
      this.#pump = new BodyPump(this, body, new AsyncResource('TSUWSGI_RESPONSE'));
    } catch (error) {
      closeBody(body, undefined, (problem) => this.complain(problem));
      throw error;
    }
    // A request that ended during the application's own call has nobody to send to.
    if (this.over) this.#pump.cancel();
    else this.#pump.run();
  }

  /**
   * Sends a file as the whole body. False where nothing of it is sent: then the descriptor is still
   * the caller's.
   */
  completeWithFile(file: OpenFile): boolean {
    const head = this.#requireHead();
    const length = this.#declared === UNDECLARED ? file.length : this.#declared;
    if (length > file.length) throw this.#lengthError(file.length);
    if (this.#bodyless(head.code) || length === 0) {
      this.#declared = length;
      this.complete(EMPTY_BODY);
      return false;
    }
    const { outbox } = this.#gateway;
    outbox.begin(this.slot, this.generation, head, length);
    outbox.file(this.slot, this.generation, file.fd, file.start, length);
    outbox.end(this.slot, this.generation);
    this.#finish();
    return true;
  }

  send(chunk: Chunk): 'more' | 'wait' | 'stop' {
    if (this.#state >= FINISHED) return 'stop';
    const bytes = toBytes(chunk);
    if (bytes.length === 0) return 'more';
    if (this.#state === OPEN && !this.#begin()) return 'stop';
    const room = this.#declared === UNDECLARED ? bytes.length : this.#declared - this.#sent;
    const fitting = bytes.length <= room ? bytes : bytes.subarray(0, room);
    this.#gateway.outbox.chunk(this.slot, this.generation, fitting);
    this.#sent += fitting.length;
    this.#unacknowledged += fitting.length;
    if (fitting !== bytes) {
      this.#report(
        'warn',
        'response cut at its Content-Length',
        'content-length',
        this.#lengthError(this.#sent - fitting.length + bytes.length),
      );
      this.end();
      return 'stop';
    }
    return this.#unacknowledged < this.#gateway.highWaterBytes ? 'more' : 'wait';
  }

  whenWritable(resume: () => void): void {
    (this.#waiters ??= []).push(resume);
  }

  end(): void {
    if (this.#state === OPEN) {
      try {
        this.complete(EMPTY_BODY);
      } catch (error) {
        this.fail(error);
      }
    } else if (this.#state === STREAMING) {
      if (this.#declared !== UNDECLARED && this.#sent < this.#declared)
        this.fail(this.#lengthError(this.#sent));
      else {
        this.#gateway.outbox.end(this.slot, this.generation);
        this.#finish();
      }
    }
  }

  flush(): void {
    this.#gateway.outbox.flush();
  }

  /** The application failed: 500 while nothing has been sent, a cut connection after that. */
  fail(error: unknown): void {
    if (this.#state >= FINISHED) {
      this.complain(error);
      return;
    }
    this.#gateway.exchanges.failures += 1;
    this.#report('error', 'application error', 'application-error', error);
    this.#answerOrCut('500 Internal Server Error', 'Internal Server Error\n');
    this.#finish();
  }

  #answerOrCut(status: string, text: string): void {
    const { outbox, heads } = this.#gateway;
    const { slot, generation } = this;
    if (this.#state === OPEN) {
      const head = heads.lookup(status, FAILURE_HEADERS);
      outbox.respond(slot, generation, head, UNDECLARED, text, this.#method === 'HEAD');
    } else {
      // What was sent before the error still reaches the client: an answer that ends early is not
      // taken for one that never came.
      outbox.flush();
      outbox.abort(slot, generation);
    }
  }

  complain(error: unknown): void {
    // What an application throws because its request was aborted is no news.
    if (this.#state === GONE && isAbort(error)) return;
    this.#report('warn', 'error after the response', 'late-error', error);
  }

  /**
   * Sends the head of a streamed response; false where the body is not sent and the response
   * complete.
   */
  #begin(): boolean {
    const head = this.#requireHead();
    const { outbox } = this.#gateway;
    if (this.#bodyless(head.code)) {
      this.complete(EMPTY_BODY);
      return false;
    }
    outbox.begin(this.slot, this.generation, head, this.#declared);
    this.#state = STREAMING;
    this.register();
    return true;
  }

  #requireHead(): ResponseHead {
    if (this.#head !== undefined) return this.#head;
    throw new GatewayError(
      'ERR_TSUWSGI_START_RESPONSE',
      'the application gave a response body without calling startResponse',
    );
  }

  #bodyless(code: number): boolean {
    return code === 204 || code === 304 || this.#method === 'HEAD';
  }

  #lengthError(actual: number): GatewayError {
    return new GatewayError(
      'ERR_TSUWSGI_CONTENT_LENGTH',
      `Content-Length is ${this.#declared}, but the body has ${actual} bytes`,
    );
  }

  #finish(): void {
    this.#state = FINISHED;
    this.input.close();
    this.#release();
  }

  #release(): void {
    if (this.#registered) this.#gateway.exchanges.delete(this);
    if (this.#waiters !== undefined) this.#wake();
  }

  /** From here on the request outlives the call that started it, and events can reach it. */
  register(): void {
    const { exchanges } = this.#gateway;
    if (!this.#registered) this.#since = exchanges.now;
    this.#registered = true;
    exchanges.add(this);
  }

  #wake(): void {
    const waiters = this.#waiters;
    if (waiters === undefined) return;
    this.#waiters = undefined;
    for (const resume of waiters) resume();
  }

  #warnLate(): void {
    if (this.#complained) return;
    this.#complained = true;
    this.#gateway.log.warn(
      `write() after the response's end is ignored: ${this.#method} ${this.#uri}`,
      {
        reason: 'late-write',
        method: this.#method,
        uri: this.#uri,
      },
    );
  }

  #report(level: 'warn' | 'error', what: string, reason: string, error: unknown): void {
    this.#gateway.log[level](`${what}: ${this.#method} ${this.#uri}: ${headline(error)}`, {
      reason,
      method: this.#method,
      uri: this.#uri,
      stack: details(error),
    });
  }
}

const FAILURE_HEADERS: readonly Header[] = [['Content-Type', 'text/plain; charset=utf-8']];
