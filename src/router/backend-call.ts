import { connect, type Socket } from 'node:net';
import { connectUnix } from '../binding/unix-streams.js';
import type { BackendAddress } from '../config/backend-address.js';
import type { RequestBody } from '../worker/gateway/request-body.js';
import { BodySender } from './body-sender.js';
import { ResponseHeadParser, type BackendHead } from './response-head-parser.js';
import type { FailureStage } from './retry-rule.js';

export interface BackendFailure {
  readonly stage: FailureStage;
  /** `busy`: it lives, and has more connections waiting than it takes. */
  readonly kind: 'broken' | 'timeout' | 'busy';
  /** Continues a sentence whose subject is the backend. */
  readonly reason: string;
}

/** What comes of a call, in this order; `failed` ends it at any point, `ended` at its proper end. */
export interface CallObserver {
  connected(): void;
  /** Returns whether the body is wanted: where it is not, the call is over. */
  head(head: BackendHead): boolean;
  /** Returns whether more can be taken now; `resume` goes on. */
  data(chunk: Buffer): boolean;
  ended(): void;
  /** More than the declared length has come, and is dropped. Once, before or after `ended`. */
  overlong(declared: number): void;
  failed(failure: BackendFailure): void;
}

export interface CallOptions {
  readonly address: BackendAddress;
  readonly packet: Buffer;
  readonly body: RequestBody;
  readonly connectTimeoutMs: number;
  /** Longest time without a byte from the backend or to it. */
  readonly timeoutMs: number;
}

/** A backend that goes on sending after its response is complete is read for so long and no longer. */
const LEAVING_MS = 1000;
/** The pauses between attempts to join a full accept queue; each is twice the one before. */
const FIRST_REDIAL_MS = 2;
const LAST_REDIAL_MS = 50;
const LEAVING_BYTES = 1024 * 1024;

/** One request at one backend: a connection of its own, as the uwsgi protocol wants it. Owns the socket. */
export class BackendCall {
  readonly #options: CallOptions;
  readonly #observer: CallObserver;
  readonly #startedAt = performance.now();
  #socket: Socket;
  #sender: BodySender | undefined;
  #redial: NodeJS.Timeout | undefined;
  #dials = 0;
  readonly #parser = new ResponseHeadParser();
  #state: 'connecting' | 'waiting' | 'receiving' | 'leaving' = 'connecting';
  /** Body bytes still to come; undefined: as many as there are. */
  #left: number | undefined;
  #received = 0;
  #ignored = 0;
  #overlong = false;
  #bodyWanted = false;

  constructor(options: CallOptions, observer: CallObserver) {
    this.#options = options;
    this.#observer = observer;
    this.#socket = this.#dial();
  }

  /** Lets the body go on after `data` said that it has to wait. */
  resume(): void {
    this.#socket.resume();
  }

  /** Nothing more is wanted; the observer hears nothing any more. */
  destroy(): void {
    this.#state = 'leaving';
    this.#sender?.stop();
    clearTimeout(this.#redial);
    this.#socket.destroy();
  }

  #dial(): Socket {
    const { address } = this.#options;
    const socket =
      address.kind === 'tcp'
        ? connect({ host: address.host, port: address.port, noDelay: true })
        : connectUnix(address.path);
    socket.setTimeout(this.#connectTimeLeft());
    socket.on('connect', () => this.#connected());
    socket.on('data', (chunk) => this.#data(chunk));
    socket.on('end', () => this.#closed());
    socket.on('error', (error: NodeJS.ErrnoException) => this.#error(error));
    socket.on('timeout', () => this.#timeout());
    return socket;
  }

  /** Milliseconds; 0: no limit. */
  #connectTimeLeft(): number {
    const { connectTimeoutMs } = this.#options;
    if (connectTimeoutMs === 0) return 0;
    return Math.max(1, connectTimeoutMs - (performance.now() - this.#startedAt));
  }

  /** A UNIX socket whose accept queue is full refuses at once, where TCP would let the client wait: so we wait. */
  #dialLater(): void {
    const delay = Math.min(FIRST_REDIAL_MS * 2 ** this.#dials, LAST_REDIAL_MS);
    const left = this.#connectTimeLeft();
    this.#dials += 1;
    if (left !== 0 && left <= delay) {
      const seconds = this.#options.connectTimeoutMs / 1000;
      this.#fail(
        'connect',
        `had a full accept queue for ${seconds} s (--http-connect-timeout)`,
        'busy',
      );
      return;
    }
    this.#redial = setTimeout(() => {
      this.#socket = this.#dial();
    }, delay);
  }

  #connected(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'waiting';
    const { body, packet, timeoutMs } = this.#options;
    this.#socket.setTimeout(timeoutMs);
    this.#observer.connected();
    this.#sender = new BodySender(this.#socket, body, (error) => this.#bodyFailed(error));
    this.#sender.start(packet);
  }

  #data(chunk: Buffer): void {
    if (this.#state === 'leaving') this.#ignore(chunk.length);
    else if (this.#state === 'receiving') this.#body(chunk);
    else this.#headBytes(chunk);
  }

  #headBytes(chunk: Buffer): void {
    const progress = this.#parser.push(chunk);
    if (progress.kind === 'more') return;
    if (progress.kind === 'malformed') {
      this.#fail('answer', `sent a response that cannot be passed on: ${progress.reason}`);
      return;
    }
    const { head, rest } = progress;
    this.#state = 'receiving';
    this.#left = head.length;
    this.#bodyWanted = this.#observer.head(head);
    if (!this.#bodyWanted) this.#leave();
    else if (rest.length > 0) this.#body(rest);
    else if (head.length === 0) this.#complete();
  }

  #body(chunk: Buffer): void {
    const left = this.#left ?? chunk.length;
    const wanted = chunk.length <= left ? chunk : chunk.subarray(0, left);
    this.#received += wanted.length;
    if (this.#left !== undefined) this.#left -= wanted.length;
    if (wanted !== chunk) this.#tooMuch();
    if (!this.#observer.data(wanted)) this.#socket.pause();
    if (this.#left === 0 && this.#isReceiving()) this.#complete();
  }

  /** The observer may have ended the call. */
  #isReceiving(): boolean {
    return this.#state === 'receiving';
  }

  #complete(): void {
    this.#leave();
    this.#observer.ended();
  }

  /** The response is complete: the backend is given a moment to close, so that its last writes do not fail. */
  #leave(): void {
    this.#state = 'leaving';
    this.#sender?.stop();
    this.#socket.resume();
    this.#socket.end();
    this.#socket.setTimeout(LEAVING_MS);
  }

  #tooMuch(): void {
    if (!this.#overlong) this.#observer.overlong(this.#received);
    this.#overlong = true;
  }

  #ignore(bytes: number): void {
    // Where a body was not wanted at all, nobody says that there is too much of it.
    if (this.#left === 0 && this.#bodyWanted) this.#tooMuch();
    this.#ignored += bytes;
    if (this.#ignored > LEAVING_BYTES) this.#socket.destroy();
  }

  /** The backend's end of the connection: of a response without Content-Length the end, of others too early. */
  #closed(): void {
    if (this.#state === 'receiving') {
      if (this.#left === undefined) this.#complete();
      else this.#fail('answer', this.#shortfall('closed the connection'));
    } else if (this.#state === 'waiting') {
      if (this.#parser.untouched) {
        this.#fail('before-response', 'closed the connection without a response');
      } else this.#fail('answer', 'closed the connection within the head of its response');
    }
  }

  #shortfall(what: string): string {
    if (this.#left === undefined) return `${what} after ${this.#received} bytes of a response body`;
    const all = this.#received + this.#left;
    return `${what} after ${this.#received} of the ${all} bytes that its Content-Length declares`;
  }

  #error(error: NodeJS.ErrnoException): void {
    const code = error.code ?? error.message;
    switch (this.#state) {
      case 'connecting': {
        if (code === 'EAGAIN') this.#dialLater();
        else this.#fail('connect', connectSentence(code));
        return;
      }
      case 'waiting': {
        const untouched = this.#parser.untouched;
        this.#fail(
          untouched ? 'before-response' : 'answer',
          `broke the connection before its response was there (${code})`,
        );
        return;
      }
      case 'receiving': {
        this.#fail('answer', this.#shortfall(`broke the connection (${code})`));
        return;
      }
      case 'leaving':
    }
  }

  #timeout(): void {
    const { connectTimeoutMs, timeoutMs } = this.#options;
    if (this.#state === 'leaving') this.#socket.destroy();
    else if (this.#state === 'connecting') {
      const seconds = connectTimeoutMs / 1000;
      this.#fail(
        'connect',
        `did not accept the connection within ${seconds} s (--http-connect-timeout)`,
        'timeout',
      );
    } else if (this.#socket.isPaused() || this.#sender?.waitsForClient === true) {
      // The client keeps it waiting, and has limits of its own.
      this.#socket.setTimeout(timeoutMs);
    } else {
      this.#fail('answer', `was silent for ${timeoutMs / 1000} s (--http-timeout)`, 'timeout');
    }
  }

  #bodyFailed(error: Error): void {
    if (this.#state !== 'leaving')
      this.#fail('answer', `got no complete request: ${error.message}`);
  }

  #fail(stage: FailureStage, reason: string, kind: BackendFailure['kind'] = 'broken'): void {
    this.destroy();
    this.#observer.failed({ stage, kind, reason });
  }
}

const CONNECT_SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ENOENT: 'has no socket there',
  EACCES: 'may not be connected to by this user',
  EHOSTUNREACH: 'is not reachable',
  ENETUNREACH: 'is not reachable',
  ENOTFOUND: 'has a host name that is not known',
  EAI_AGAIN: 'has a host name that cannot be looked up now',
  ETIMEDOUT: 'did not accept the connection',
  EMFILE: 'cannot be connected to: this process has too many open files',
};

function connectSentence(code: string): string {
  return `${CONNECT_SENTENCES[code] ?? 'cannot be connected to'} (${code})`;
}
