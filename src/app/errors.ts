/** Errors of requests that an application can meet; those of the package's functions are in module-errors.ts. */
import { CodedError } from './coded-error.js';

/** Why a request ended before it was answered. */
export type AbortCause =
  | 'client-gone'
  | 'body-timeout'
  | 'send-timeout'
  | 'deadline'
  | 'draining'
  | 'shutdown'
  | 'bad-body'
  | 'body-too-large';

const ABORT_SENTENCES: Readonly<Record<AbortCause, string>> = {
  'client-gone': 'the client closed the connection',
  'body-timeout': 'the request body did not arrive in time',
  'send-timeout': 'the client did not read the response in time',
  deadline: 'the request ran past its deadline',
  draining: 'the worker is draining',
  shutdown: 'the worker is shutting down',
  'bad-body': 'the request body is malformed',
  'body-too-large': 'the request body is larger than the limit (--limit-post)',
};

/**
 * The reason of `environ['tsuwsgi.signal']`, and what reading the body of such a request throws.
 */
export class RequestAbortedError extends CodedError<'ERR_TSUWSGI_REQUEST_ABORTED'> {
  static override readonly errorName = 'RequestAbortedError';
  override readonly name = RequestAbortedError.errorName;
  readonly reason: AbortCause;

  constructor(reason: AbortCause) {
    super('ERR_TSUWSGI_REQUEST_ABORTED', `request aborted: ${ABORT_SENTENCES[reason]}`);
    this.reason = reason;
  }
}

/** A synchronous read of a body that arrives as a stream. */
export class BodyNotBufferedError extends CodedError<'ERR_TSUWSGI_BODY_NOT_BUFFERED'> {
  static override readonly errorName = 'BodyNotBufferedError';
  override readonly name = BodyNotBufferedError.errorName;

  constructor(method: string) {
    super(
      'ERR_TSUWSGI_BODY_NOT_BUFFERED',
      `wsgi.input.${method}() is synchronous, and this request's body is not buffered (--post-buffering is 0). ` +
        `Set --post-buffering to a size such as 65536, or read it with 'for await (const piece of environ["wsgi.input"])' or toReadable()`,
    );
  }
}

/** `wsgi.input` was used after its request had been answered. */
export class InputClosedError extends CodedError<'ERR_TSUWSGI_INPUT_CLOSED'> {
  static override readonly errorName = 'InputClosedError';
  override readonly name = InputClosedError.errorName;

  constructor() {
    super('ERR_TSUWSGI_INPUT_CLOSED', 'wsgi.input is closed: its request has been answered');
  }
}

export type GatewayErrorCode =
  | 'ERR_TSUWSGI_START_RESPONSE'
  | 'ERR_TSUWSGI_STATUS'
  | 'ERR_TSUWSGI_HEADER'
  | 'ERR_TSUWSGI_BODY'
  | 'ERR_TSUWSGI_CONTENT_LENGTH';

/** The application broke the contract: a bad status, header, body, or order of calls. */
export class GatewayError extends CodedError<GatewayErrorCode> {
  static override readonly errorName = 'GatewayError';
  override readonly name = GatewayError.errorName;
}
