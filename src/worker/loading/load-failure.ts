/** What is said about an application that cannot be loaded: one sentence, and what of its stack helps. */
import { inspect } from 'node:util';
import { AppLoadError, type TsuwsgiError } from '../../errors.js';
import { findSyntaxError, positionIn, transformError } from './syntax-position.js';

/** The sentence, for whatever loading the file threw. */
export function loadError(file: string, error: unknown): AppLoadError {
  const options = { cause: error };
  if (!(error instanceof Error)) {
    return new AppLoadError(`${file} threw while it was loaded: ${inspect(error)}`, options);
  }
  const transform = transformError(error);
  if (transform !== undefined)
    return new AppLoadError(`syntax error in ${transform.position}: ${transform.message}`, options);
  if (!failedBeforeItRan(error)) {
    return new AppLoadError(
      `${file} threw while it was loaded: ${error.name}: ${error.message}`,
      options,
    );
  }
  if (error instanceof SyntaxError) {
    const position = positionIn(error.stack ?? '') ?? findSyntaxError(file) ?? file;
    return new AppLoadError(`syntax error in ${position}: ${error.message}`, options);
  }
  return new AppLoadError(
    `${file} cannot be loaded: ${error.message.split('\n')[0] ?? ''}`,
    options,
  );
}

const BEFORE_RUNNING = new Set([
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_UNKNOWN_FILE_EXTENSION',
  'MODULE_NOT_FOUND',
]);

/** A frame outside of Node: the module, or something it called. */
const USER_FRAME = /^\s+at (?!.*\(?node:).+$/m;

/** Whether parsing or linking failed: what is said of a module that threw itself is another sentence. */
function failedBeforeItRan(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined) return BEFORE_RUNNING.has(code);
  return error instanceof SyntaxError && !USER_FRAME.test(withoutOurFrames(error.stack ?? ''));
}

/** Our own directory, compiled or not. */
const OURS = new URL('../../', import.meta.url).href;

/** `await import()` leaves frames of those who wait for it behind. */
function withoutOurFrames(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => !line.includes(OURS))
    .join('\n');
}

/** For the log record and the message to the master. */
export function loadFields(error: TsuwsgiError): { reason: string; stack?: string } {
  const { message: reason, cause } = error;
  const stack = cause instanceof Error ? ownStack(cause.stack ?? '') : undefined;
  return stack === undefined ? { reason } : { reason, stack };
}

const FRAME = /^\s+at /;
const ONE_TRANSFORM_ERROR = /Transform failed with 1 error:$/;

/** Parts of frames of what loads applications: Node, this server, tsx and its compiler. */
const LOADERS = ['node:', new URL('../', import.meta.url).href, '/tsx/dist/', '/esbuild/lib/'];

/**
 * A stack without the frames of those who loaded the module, which stand below its own. Undefined where only the
 * message is left, which the sentence has.
 */
export function ownStack(stack: string): string | undefined {
  const lines = stack.split('\n');
  const own = lines.slice(0, lines.findLastIndex((line) => !isLoaderFrame(line)) + 1);
  const [first = ''] = own;
  return own.length === (ONE_TRANSFORM_ERROR.test(first) ? 2 : 1) ? undefined : own.join('\n');
}

function isLoaderFrame(line: string): boolean {
  return FRAME.test(line) && LOADERS.some((part) => line.includes(part));
}
