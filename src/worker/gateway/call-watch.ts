import type { Environ } from '../../app/types.js';
import type { ScoreboardRow } from '../../ipc/scoreboard.js';
import type { ServeRequest } from './gateway.js';
import type { RequestName } from './outbox.js';

/** A request by its own environ, and as the core knows it. */
export interface RunningCall extends RequestName {
  readonly environ: Environ;
}

let running: Environ | undefined;
let runningSlot = 0;
let runningGeneration = 0;

/** The request whose call is on the stack; undefined behind an `await`, and where calls are not watched. */
export function runningCall(): RunningCall | undefined {
  return running === undefined
    ? undefined
    : { environ: running, slot: runningSlot, generation: runningGeneration };
}

/**
 * Tells the scoreboard which request JavaScript runs, so that the log can name the one that blocks it. A worker that is
 * condemned begins none: its I/O threads have given to others what was not begun, and nobody is to run it twice.
 */
export function watchedCalls(serve: ServeRequest, row: ScoreboardRow | undefined): ServeRequest {
  if (row === undefined) return serve;
  return (gateway, slot, generation, environ, body) => {
    row.set('CALL_HANDLE', slot);
    row.enterCall(environ.REQUEST_METHOD, environ.REQUEST_URI);
    running = environ;
    runningSlot = slot;
    runningGeneration = generation;
    try {
      // Behind the entry of the call: who looks in between finds the request begun, or this finds the order.
      if (row.get('CONDEMNED') === 0) serve(gateway, slot, generation, environ, body);
    } finally {
      running = undefined;
      row.leaveCall();
      row.set('CALL_LIMIT', 0);
    }
  };
}
