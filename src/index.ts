/**
 * The public entry of the package: what applications are written against. Types only, so that importing it costs nothing
 * and ESM and CommonJS see the same. Errors are told apart by their `code`: the classes behind these types belong to the
 * worker, and a CommonJS copy of them would not be what `instanceof` compares with.
 */
export type {
  Application,
  Chunk,
  Environ,
  ErrorStream,
  FileBody,
  FileLike,
  FileRange,
  FileWrapper,
  Header,
  InputStream,
  ResponseBody,
  StartResponse,
  Write,
} from './app/types.js';
export type {
  AbortCause,
  BodyNotBufferedError,
  GatewayError,
  GatewayErrorCode,
  InputClosedError,
  RequestAbortedError,
} from './app/errors.js';
