/** What applications import: the types they are written against, the errors they can meet, and the server's functions. */
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
export {
  addCron,
  addRbTimer,
  addTimer,
  cache,
  cron,
  currentRequest,
  every,
  isLocked,
  lock,
  log,
  masterPid,
  mode,
  namedCache,
  numProc,
  onDrain,
  options,
  pid,
  registerSignal,
  reload,
  requestId,
  setHarakiri,
  signal,
  signalRegistered,
  startedAt,
  stop,
  totalRequests,
  tryLock,
  unlock,
  version,
  withLock,
  workerId,
  workers,
  type JobOptions,
} from './app/module.js';
export type { Cache, Expiry } from './app/cache.js';
export type { CacheKey, CacheLimits, CacheStats, CacheValue } from './app/cache-backend.js';
export type { CurrentRequest, LogLevel, WorkerInfo, WorkerState } from './app/host.js';
export type { Job, SignalHandler } from './app/schedule.js';
export { CacheError, LockError, type CacheErrorCode } from './app/module-errors.js';
