/** The router's log records: one for each request that it refused, or that a backend failed, with the reason. */
import type { Environ } from '../app/types.js';
import type { Logger } from '../log/logger.js';
import type { Backend } from './backend-pool.js';

export class RouterLog {
  readonly #logger: Pick<Logger, 'info' | 'warn' | 'error'>;

  constructor(logger: Pick<Logger, 'info' | 'warn' | 'error'>) {
    this.#logger = logger;
  }

  /** No backend was asked. */
  refused(environ: Environ, status: string, reason: string): void {
    this.#logger.warn(`[http] ${status}: ${line(environ)}: ${reason}`, {
      event: 'request-refused',
      status: statusCode(status),
      reason,
      ...request(environ),
    });
  }

  /** The client got `status`. */
  failed(environ: Environ, status: string, backend: Backend, reason: string): void {
    this.#logger.error(`[http] ${status}: ${line(environ)}: backend ${backend.name} ${reason}`, {
      event: 'backend-failed',
      status: statusCode(status),
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
        ...request(environ),
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
      ...request(environ),
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
  return { backend: backend.name, reason, ...request(environ) };
}

function request(environ: Environ): Record<'method' | 'uri', string> {
  return { method: environ.REQUEST_METHOD, uri: environ.REQUEST_URI };
}

function statusCode(status: string): number {
  return Number(status.slice(0, 3));
}
