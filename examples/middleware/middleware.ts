/**
 * A middleware is a function from application to application, as in Python's WSGI. This one gives
 * every request an id that code anywhere below can ask for, and every response a header with it.
 * Try:
 *
 *     tsuwsgi-native --http-socket :9090 --module 'examples/middleware/middleware:make()'
 *     curl -i localhost:9090/
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Application, StartResponse } from 'tsuwsgi-native';

const requestId = new AsyncLocalStorage<string>();

function withRequestId(inner: Application): Application {
  return (environ, startResponse) => {
    const id = environ.HTTP_X_REQUEST_ID ?? randomUUID();
    const start: StartResponse = (status, headers, error) =>
      startResponse(status, [...headers, ['X-Request-Id', id]], error);
    return requestId.run(id, () => inner(environ, start));
  };
}

const application: Application = async (_environ, startResponse) => {
  await turn();
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return `this is request ${requestId.getStore() ?? 'unknown'}\n`;
};

export function make(): Application {
  return withRequestId(application);
}
