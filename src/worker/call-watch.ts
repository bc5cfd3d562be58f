import type { ScoreboardRow } from '../ipc/scoreboard.js';
import type { ServeRequest } from './gateway.js';

/** Tells the scoreboard which request JavaScript runs, so that the log can name the one that blocks it. */
export function watchedCalls(serve: ServeRequest, row: ScoreboardRow | undefined): ServeRequest {
  if (row === undefined) return serve;
  return (gateway, slot, generation, environ, body) => {
    row.enterCall(environ.REQUEST_METHOD, environ.REQUEST_URI);
    try {
      serve(gateway, slot, generation, environ, body);
    } finally {
      row.leaveCall();
    }
  };
}
