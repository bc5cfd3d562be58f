/** Serves requests by calling a WSGI application. */
import { AsyncResource } from 'node:async_hooks';
import type { Application, Environ } from '../../app/types.js';
import { Exchange } from './exchange.js';
import type { ServeRequest } from './gateway.js';
import { RequestInput } from './input-stream.js';
import { requestIdOf, withRequest } from './request-context.js';
import { createRequestSignal } from './request-signal.js';

const EXECUTION = { requireManualDestroy: true };

export function serveApplication(application: Application): ServeRequest {
  return (gateway, slot, generation, environ, body) => {
    const input = new RequestInput(body);
    const signal = createRequestSignal();
    environ['wsgi.input'] = input;
    environ['tsuwsgi.signal'] = signal.signal;
    environ['tsuwsgi.request_id'] = requestIdOf(slot, generation);
    const exchange = new Exchange(gateway, slot, generation, environ, input, signal);
    // A context of its own keeps what one request enters (AsyncLocalStorage) from the next one of
    // the batch.
    new AsyncResource('TSUWSGI_REQUEST', EXECUTION).runInAsyncScope(
      runExchange,
      undefined,
      exchange,
      application,
      environ,
    );
  };
}

function runExchange(exchange: Exchange, application: Application, environ: Environ): void {
  withRequest(environ, callApplication, exchange, application);
}

function callApplication(exchange: Exchange, application: Application, environ: Environ): void {
  exchange.run(application, environ);
}
