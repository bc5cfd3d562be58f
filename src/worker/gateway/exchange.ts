import { AsyncResource } from 'node:async_hooks';
import { GatewayError, RequestAbortedError, type AbortCause } from '../../app/errors.js';
import type { Application, Chunk, Environ, Header, Write } from '../../app/types.js';
import { answer } from './answer.js';
import { BodyPump, closeBody, type BodySink } from './body-pump.js';
import { isAbort } from './failure-words.js';
import type { Gateway, LiveExchange } from './gateway.js';
import type { RequestInput, UnheardErrors } from './input-stream.js';
import { OutgoingResponse } from './outgoing-response.js';
import { logExpired, logLateWrite, logThrown } from './request-log.js';
import type { RequestSignal } from './request-signal.js';
import { describe } from './response-head.js';

const RESOLVED = Promise.resolve();

/**
 * One request of the application: PEP 3333's rules for what may be called when, who is told when it ends, and what it
 * does to the connection when it ends badly.
 */
export class Exchange extends OutgoingResponse implements BodySink, LiveExchange, UnheardErrors {
  declare readonly input: RequestInput;
  declare readonly signal: AbortSignal;
  declare readonly uri: string;
  readonly #signal: RequestSignal;
  #pump: BodyPump | undefined = undefined;
  #waiters: (() => void)[] | undefined = undefined;
  #scope: AsyncResource | undefined = undefined;
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
    super(gateway, slot, generation, environ.REQUEST_METHOD);
    this.uri = environ.REQUEST_URI;
    this.input = input;
    input.reportTo(this);
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

  /** The core says that the request is gone. */
  abort(cause: AbortCause): void {
    if (this.over) return;
    const reason = new RequestAbortedError(cause);
    this.lose();
    this.input.abort(reason);
    this.#tell(reason);
    // Before whoever waits is woken: a body must not be asked for one piece more.
    this.#pump?.cancel();
    this.#release();
  }

  /** See LiveExchange. */
  askToEnd(): void {
    if (this.begun && !this.over) this.#tell(new RequestAbortedError('draining'));
  }

  /** When it outlived its call, by the clock of the exchange table. */
  get since(): number {
    return this.#since;
  }

  /** Past its deadline: 504 while nothing has been sent, a cut connection after that. */
  expire(ageMs: number): void {
    if (this.over) return;
    const { exchanges, log } = this.gateway;
    exchanges.expired += 1;
    logExpired(log, this, ageMs, this.begun);
    this.answerOrCut('504 Gateway Timeout', 'Gateway Timeout\n');
    this.abort('deadline');
  }

  /** The core says that the client took what was written. */
  writable(): void {
    this.taken();
    this.#wake();
  }

  #start(status: string, headers: readonly Header[], error: unknown): Write {
    if (error !== undefined && error !== null) {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- PEP 3333: what was given is what is raised
      if (this.begun) throw error;
    } else if (this.hasHead) {
      throw new GatewayError(
        'ERR_TSUWSGI_START_RESPONSE',
        'startResponse was called twice without an error as third argument',
      );
    }
    this.setHead(status, headers);
    return (data) => this.#write(data);
  }

  #write(data: Chunk): Promise<void> {
    if (this.over) {
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

  /** Sends the pieces of `body`, as fast as the client takes them. */
  iterate(body: object): void {
    const scope = this.register();
    try {
      this.#pump = new BodyPump(this, body, scope);
    } catch (error) {
      closeBody(body, undefined, (problem) => this.complain(problem));
      throw error;
    }
    // A request that ended during the application's own call has nobody to send to.
    if (this.over) this.#pump.cancel();
    else this.#pump.run();
  }

  whenWritable(resume: () => void): void {
    (this.#waiters ??= []).push(resume);
  }

  /** The application failed: 500 while nothing has been sent, a cut connection after that. */
  fail(error: unknown): void {
    if (this.over) {
      this.complain(error);
      return;
    }
    const { exchanges, log } = this.gateway;
    exchanges.failures += 1;
    logThrown(log, 'error', this, 'application error', 'application-error', error);
    this.answerOrCut('500 Internal Server Error', 'Internal Server Error\n');
    this.conclude();
  }

  complain(error: unknown): void {
    // What an application throws because its request was aborted is no news.
    if (this.gone && isAbort(error)) return;
    const { log } = this.gateway;
    logThrown(log, 'warn', this, 'error after the response', 'late-error', error);
  }

  /** See RequestInput. */
  unheard(error: unknown): void {
    if (isAbort(error)) return;
    const { log } = this.gateway;
    logThrown(log, 'warn', this, 'error in reading the request body', 'body-error', error);
  }

  protected override cut(error: GatewayError): void {
    const what = 'response cut at its Content-Length';
    logThrown(this.gateway.log, 'warn', this, what, 'content-length', error);
  }

  protected override streams(): void {
    this.register();
  }

  protected override finished(): void {
    this.input.close();
    this.#release();
  }

  /**
   * From here on the request outlives the call that started it, and events can reach it. Returns the application's
   * asynchronous context as it was then: what it runs later, runs in it.
   */
  register(): AsyncResource {
    if (this.#scope !== undefined) return this.#scope;
    const { exchanges } = this.gateway;
    this.#since = exchanges.now;
    this.#scope = new AsyncResource('TSUWSGI_RESPONSE');
    if (!this.over) exchanges.add(this);
    return this.#scope;
  }

  /** Listeners are the application's code. */
  #tell(reason: RequestAbortedError): void {
    if (this.#scope === undefined) this.#signal.abort(reason);
    else this.#scope.runInAsyncScope(() => this.#signal.abort(reason));
  }

  #release(): void {
    if (this.#scope !== undefined) this.gateway.exchanges.delete(this);
    if (this.#waiters !== undefined) this.#wake();
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
    logLateWrite(this.gateway.log, this);
  }
}
