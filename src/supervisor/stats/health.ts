/** Answers for probes, as Kubernetes asks them: a status and one line that says why. */
import type { ServerState } from './stats-facts.js';

export interface Health {
  readonly ok: boolean;
  /** One line, without the line's end. */
  readonly reason: string;
}

/** The master runs: whoever answers lives. Restarting a server that drains, or whose workers fail, would help nobody. */
export function liveness(state: ServerState): Health {
  return {
    ok: true,
    reason: state.stopping === undefined ? 'live' : `live, stopping: ${state.stopping}`,
  };
}

/**
 * It takes requests: one ready worker serves the queues of all others, and a server at rest (`--cheap`, `--idle`) wakes.
 * A paused one does not, and nobody knows for how long: clients are better off elsewhere.
 */
export function readiness(state: ServerState): Health {
  const { stopping, workersReady, workersWanted, routersReady, routersWanted } = state;
  if (stopping !== undefined) return { ok: false, reason: `not ready: stopping: ${stopping}` };
  if (state.phase === 'stopping') return { ok: false, reason: 'not ready: stopping' };
  if (state.phase === 'paused')
    return { ok: false, reason: 'not ready: paused, new clients wait until it is resumed' };
  if (workersWanted > 0 && workersReady === 0)
    return { ok: false, reason: `not ready: none of ${workersWanted} worker(s) is ready` };
  if (routersWanted > 0 && routersReady === 0)
    return { ok: false, reason: `not ready: none of ${routersWanted} router(s) is ready` };
  if (workersWanted + routersWanted === 0)
    return { ok: true, reason: 'ready: at rest, the next connection starts a worker' };
  return { ok: true, reason: `ready: ${processes(state)}` };
}

/** Every process was ready once. From then on it stays: what happens later is readiness. */
export function startup(state: ServerState): Health {
  return state.started
    ? { ok: true, reason: 'started' }
    : { ok: false, reason: `starting: ${processes(state)}` };
}

function processes(state: ServerState): string {
  const { workersReady, workersWanted, routersReady, routersWanted } = state;
  const workers = workersWanted === 0 ? [] : [`${workersReady} of ${workersWanted} worker(s)`];
  const routers = routersWanted === 0 ? [] : [`${routersReady} of ${routersWanted} router(s)`];
  return `${[...workers, ...routers].join(', ')} ready`;
}
