/** What the probes are told of the server as a whole. */
import type { EventHistory } from './event-history.js';
import type { Slot } from '../workers/slot.js';
import type { ServerState } from './stats-facts.js';

/** The part of a master, or of a server with routers, that knows its phase. */
export interface Phased {
  readonly stopping: boolean;
  /** Workers accept nobody until the operator says otherwise. */
  readonly paused: boolean;
  /** Where it is known before the log says it. */
  readonly stopReason?: string | undefined;
  /** Everything was ready at one moment since the start. */
  readonly started: boolean;
}

export interface StateSources {
  readonly server: Phased;
  readonly slots: readonly Slot[];
  readonly routers: readonly Slot[];
  readonly events: EventHistory;
}

export function serverState({ server, slots, routers, events }: StateSources): ServerState {
  const { stopping, paused, started } = server;
  return {
    phase: stopping ? 'stopping' : paused ? 'paused' : 'running',
    stopping: stopping ? (server.stopReason ?? stopReason(events)) : undefined,
    started,
    workersReady: readyOf(slots),
    workersWanted: slots.filter(({ cheaped }) => !cheaped).length,
    routersReady: readyOf(routers),
    routersWanted: routers.length,
  };
}

function stopReason({ events }: EventHistory): string {
  return events.findLast(({ event }) => event === 'stopping')?.reason ?? 'the server stops';
}

function readyOf(slots: readonly Slot[]): number {
  return slots.filter(({ worker }) => worker?.state === 'ready').length;
}
