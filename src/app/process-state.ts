/**
 * What a process has once, however often the package is loaded: as an ES module, by require, by the server itself. So
 * it hangs on a symbol that all copies know. Worker threads have a state of their own.
 */
import type { Host } from './host.js';

export interface ProcessState {
  /** Set by the server before it loads the application. */
  host: Host | undefined;
  /** What stands in for it without a server; made when it is first needed. */
  local: Host | undefined;
  /** The application has imported the package, so requests are to be told apart in what they call. */
  imported: boolean;
}

const KEY = Symbol.for('tsuwsgi-native.process-state');

export function processState(): ProcessState {
  const holder = globalThis as unknown as Record<symbol, ProcessState | undefined>;
  holder[KEY] ??= { host: undefined, local: undefined, imported: false };
  return holder[KEY];
}
