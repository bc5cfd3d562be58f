/**
 * A worker's life as the master sees it.
 *
 *     booting ──ready──► ready ──drain/bye──► draining ──exit──► gone
 *        └────────────────┴─────── kill ──► killed ──exit──────────┘
 */
export type WorkerState = 'booting' | 'ready' | 'draining' | 'killed' | 'gone';

/** `bye`: the worker says that it leaves on its own. `kill`: a signal that cannot be caught was sent. */
export type WorkerEvent = 'ready' | 'drain' | 'bye' | 'kill' | 'exit';

type Row = Readonly<Record<WorkerEvent, WorkerState | undefined>>;

/**
 * Messages cross each other: a worker may say `ready` or `bye` when it was told to drain a moment ago, so those keep
 * the state. `undefined` cannot happen unless the master is wrong.
 */
const TRANSITIONS: Readonly<Record<WorkerState, Row>> = {
  booting: { ready: 'ready', drain: 'draining', bye: 'draining', kill: 'killed', exit: 'gone' },
  ready: { ready: undefined, drain: 'draining', bye: 'draining', kill: 'killed', exit: 'gone' },
  draining: {
    ready: 'draining',
    drain: 'draining',
    bye: 'draining',
    kill: 'killed',
    exit: 'gone',
  },
  killed: { ready: 'killed', drain: 'killed', bye: 'killed', kill: 'killed', exit: 'gone' },
  gone: { ready: undefined, drain: undefined, bye: undefined, kill: undefined, exit: undefined },
};

/** The state after the event; undefined when the event makes no sense in this state. */
export function nextState(state: WorkerState, event: WorkerEvent): WorkerState | undefined {
  return TRANSITIONS[state][event];
}
