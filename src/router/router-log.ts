/** The router's log records: one for each request that a backend failed, with the backend's name and the reason. */
import type { Environ } from '../app/types.js';
import type { Logger } from '../log/logger.js';
import type { Backend } from './backend-pool.js';

export class RouterLog {
  readonly #logger: Pick<Logger, 'info' | 'warn' | 'error'>;

  constructor(logger: Pick<Logger, 'info' | 'warn' | 'error'>) {
    this.#logger = logger;
  }

  /** The client got `status`. */
  failed(environ: Environ, status: string, backend: Backend, reason: string): void {
    this.#logger.error(`[http] ${status}: ${line(environ)}: backend ${backend.name} ${reason}`, {
      event: 'backend-failed',
      status: Number(status.slice(0, 3)),
      ...facts(environ, backend, reason),
    });
  }

  /** The client's connection was cut within the response. */
  cut(environ: Environ, backend: Backend, reason: string): void {
    this.#logger.error(`[http] response cut: ${line(environ)}: backend ${backend.name} ${reason}`, {
      event: 'response-cut',
      ...facts(environ, backend, reason),
    });
  }

  /** The client got no more than was declared. */
  overlong(environ: Environ, backend: string, declared: number): void {
    const reason = `sent more than the ${declared} bytes that its Content-Length declares`;
    this.#logger.warn(
      `[http] response cut at its length: ${line(environ)}: backend ${backend} ${reason}`,
      {
        event: 'response-overlong',
        backend,
        reason,
        method: environ.REQUEST_METHOD,
        uri: environ.REQUEST_URI,
      },
    );
  }

  retried(environ: Environ, backend: Backend, next: Backend, reason: string): void {
    const message = `[http] backend ${backend.name} ${reason}: ${line(environ)} goes to ${next.name}`;
    this.#logger.warn(message, {
      event: 'request-retried',
      next: next.name,
      ...facts(environ, backend, reason),
    });
  }

  unavailable(environ: Environ): void {
    const reason = 'no backend is available: none can be reached';
    this.#logger.error(`[http] 503 Service Unavailable: ${line(environ)}: ${reason}`, {
      event: 'no-backend',
      status: 503,
      reason,
      method: environ.REQUEST_METHOD,
      uri: environ.REQUEST_URI,
    });
  }

  isBack(backend: Backend): void {
    this.#logger.info(`[http] backend ${backend.name} is back`, {
      event: 'backend-back',
      backend: backend.name,
    });
  }
}

function line(environ: Environ): string {
  return `${environ.REQUEST_METHOD} ${environ.REQUEST_URI}`;
}

function facts(environ: Environ, backend: Backend, reason: string): Record<string, string> {
  return {
    backend: backend.name,
    reason,
    method: environ.REQUEST_METHOD,
    uri: environ.REQUEST_URI,
  };
}
