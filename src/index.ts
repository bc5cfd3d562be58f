/** What applications import: the types they are written against, and the errors they can meet. */
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
export {
  BodyNotBufferedError,
  GatewayError,
  InputClosedError,
  RequestAbortedError,
  type AbortCause,
  type GatewayErrorCode,
} from './app/errors.js';
