/** What is said in the log about something that an application threw. */
import { inspect } from 'node:util';
import { InputClosedError, RequestAbortedError } from '../../app/errors.js';

/** An error may carry a whole client; a log record may not. */
const INSPECT = { depth: 2, maxArrayLength: 20, maxStringLength: 4000, breakLength: 100 };

/** With the stack, and with what the error carries. */
export function details(error: unknown): string {
  return inspect(error, INSPECT);
}

/** One line. */
export function headline(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : inspect(error);
}

/** Whether it is thrown because the request was aborted. */
export function isAbort(error: unknown): boolean {
  return (
    error instanceof RequestAbortedError ||
    (error instanceof Error &&
      (error.name === 'AbortError' || error.cause instanceof RequestAbortedError))
  );
}

/** Whether it is thrown because the request was aborted, or its body used after the answer. */
export function isEndOfRequest(error: unknown): boolean {
  return isAbort(error) || error instanceof InputClosedError;
}
