/**
 * What a running master leaves to the one that is to take its place (a binary upgrade): descriptors and what they are.
 * The new master finds it in its environment, once.
 */
import type { ApplicationMemoryPlan } from '../binding/application-memory.js';
import type { HandOverChannels } from '../binding/hand-over-channels.js';
import type { KeptListener } from '../binding/kept-sockets.js';
import { LEFT_SOCKETS } from '../config/socket-activation.js';
import { parseJsonRecord } from '../util/json-record.js';
import type { KeptPidfile } from './origin.js';

/** Names with this beginning are no options. */
const VARIABLE = 'TSUWSGI_INTERNAL_INHERITANCE';

/** What a service manager said to the process that it started itself. */
const OF_THE_OLD_MASTER = [
  'LISTEN_PID',
  'LISTEN_FDS',
  'LISTEN_FDNAMES',
  'NOTIFY_SOCKET',
  'WATCHDOG_PID',
  'WATCHDOG_USEC',
  LEFT_SOCKETS,
];

/** Raised where the meaning of what is left changes: another version's is not understood. */
const FORM = 4;

/** Memory with what the running server says is in it: of use to a server that says the same. */
export interface KeptMemory {
  readonly fd: number;
  /** `memoryLayout` of the addon that made it. */
  readonly layout: number;
  readonly plan: ApplicationMemoryPlan;
}

export interface Inheritance {
  readonly form: number;
  /** Of the old master. */
  readonly pid: number;
  /** Sockets of workers, and those of routers. */
  readonly workers: readonly KeptListener[];
  readonly routers: readonly KeptListener[];
  /** For connections that workers give to each other, and routers. */
  readonly workerChannels: HandOverChannels;
  readonly routerChannels: HandOverChannels;
  /** Locks and caches of the application. */
  readonly applicationMemory: KeptMemory | undefined;
  /** Addresses of the statistics, with their descriptors. */
  readonly stats: readonly { readonly text: string; readonly fd: number }[];
  readonly pidfiles: readonly KeptPidfile[];
  /** `NOTIFY_SOCKET` and `WATCHDOG_USEC` of the service manager. */
  readonly notifySocket: string | undefined;
  readonly watchdogUsec: string | undefined;
}

export function newInheritance(
  fields: Omit<Inheritance, 'form' | 'pid'>,
  pid: number,
): Inheritance {
  return { form: FORM, pid, ...fields };
}

/** The environment of the new master. */
export function withInheritance(
  env: Readonly<NodeJS.ProcessEnv>,
  inheritance: Inheritance,
): NodeJS.ProcessEnv {
  const given = [...inheritance.workers, ...inheritance.routers].some(({ inherited }) => inherited);
  const next: NodeJS.ProcessEnv = { ...env, [VARIABLE]: JSON.stringify(inheritance) };
  for (const name of OF_THE_OLD_MASTER) Reflect.deleteProperty(next, name);
  if (given) next[LEFT_SOCKETS] = '1';
  return next;
}

/**
 * Takes the inheritance out of the environment; undefined where this process was not started by a running master.
 * Throws where that one is of another form.
 */
export function takeInheritance(env: NodeJS.ProcessEnv): Inheritance | undefined {
  const text = env[VARIABLE];
  Reflect.deleteProperty(env, VARIABLE);
  if (text === undefined) return undefined;
  const left = parseJsonRecord(text);
  if (left?.['form'] !== FORM)
    throw new Error('the running server is of a version whose sockets cannot be taken over');
  return left as unknown as Inheritance;
}
