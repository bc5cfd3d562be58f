/**
 * Errors an application can meet. Each has a stable `code`; messages are for people.
 *
 * An application that requires the package has other class objects than the server, which is an ES
 * module; so `instanceof` goes by name and code.
 */
function isOurs(value: unknown, name: string): boolean {
  if (!(value instanceof Error) || value.name !== name) return false;
  return String((value as { code?: unknown }).code).startsWith('ERR_TSUWSGI_');
}

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
export class RequestAbortedError extends Error {
  override readonly name = 'RequestAbortedError';
  readonly code = 'ERR_TSUWSGI_REQUEST_ABORTED';
  readonly reason: AbortCause;

  constructor(reason: AbortCause) {
    super(`request aborted: ${ABORT_SENTENCES[reason]}`);
    this.reason = reason;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isOurs(value, 'RequestAbortedError');
  }
}

/** A synchronous read of a body that arrives as a stream. */
export class BodyNotBufferedError extends Error {
  override readonly name = 'BodyNotBufferedError';
  readonly code = 'ERR_TSUWSGI_BODY_NOT_BUFFERED';

  constructor(method: string) {
    super(
      `wsgi.input.${method}() is synchronous, and this request's body is not buffered (--post-buffering is 0). ` +
        `Set --post-buffering to a size such as 65536, or read it with 'for await (const piece of environ["wsgi.input"])' or toReadable()`,
    );
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isOurs(value, 'BodyNotBufferedError');
  }
}

/** `wsgi.input` was used after its request had been answered. */
export class InputClosedError extends Error {
  override readonly name = 'InputClosedError';
  readonly code = 'ERR_TSUWSGI_INPUT_CLOSED';

  constructor() {
    super('wsgi.input is closed: its request has been answered');
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isOurs(value, 'InputClosedError');
  }
}

export type GatewayErrorCode =
  | 'ERR_TSUWSGI_START_RESPONSE'
  | 'ERR_TSUWSGI_STATUS'
  | 'ERR_TSUWSGI_HEADER'
  | 'ERR_TSUWSGI_BODY'
  | 'ERR_TSUWSGI_CONTENT_LENGTH';

/** The application broke the contract: a bad status, header, body, or order of calls. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: GatewayErrorCode;

  constructor(code: GatewayErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isOurs(value, 'GatewayError');
  }
}
