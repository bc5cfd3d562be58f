import type { Environ } from '../app/types.js';
import type { ScoreboardRow } from '../ipc/scoreboard.js';
import type { ServeRequest } from './gateway.js';

let running: Environ | undefined;

/** The request whose call is on the stack; undefined behind an `await`, and where calls are not watched. */
export function runningCall(): Environ | undefined {
  return running;
}

/** Tells the scoreboard which request JavaScript runs, so that the log can name the one that blocks it. */
export function watchedCalls(serve: ServeRequest, row: ScoreboardRow | undefined): ServeRequest {
  if (row === undefined) return serve;
  return (gateway, slot, generation, environ, body) => {
    row.set('CALL_HANDLE', slot);
    row.enterCall(environ.REQUEST_METHOD, environ.REQUEST_URI);
    running = environ;
    try {
      serve(gateway, slot, generation, environ, body);
    } finally {
      running = undefined;
      row.leaveCall();
      row.set('CALL_LIMIT', 0);
    }
  };
}
