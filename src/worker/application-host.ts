import { closeSync } from 'node:fs';
import type { CacheBackend } from '../app/cache-backend.js';
import type { CurrentRequest, Host, LogLevel, ServerFacts, WorkerInfo } from '../app/host.js';
import { Locks } from '../app/locks.js';
import { CacheError } from '../app/module-errors.js';
import { processState } from '../app/process-state.js';
import { Handlers, LocalSchedule, type Schedule } from '../app/schedule.js';
import {
  createApplicationMemory,
  openApplicationMemory,
  type ApplicationMemory,
  type ApplicationMemoryPlan,
} from '../binding/application-memory.js';
import type { NativeAddon } from '../binding/native.js';
import { applicationMemoryPlan } from '../config/cache-settings.js';
import type { Config } from '../config/config.js';
import type { CommandMessage, ScheduleMessage } from '../ipc/application-messages.js';
import type { InheritedMemory } from '../ipc/messages.js';
import type { ScoreboardRow } from '../ipc/scoreboard.js';
import type { Logger } from '../log/logger.js';
import { MasterSchedule } from './master-schedule.js';
import { currentRequest } from './gateway/request-context.js';
import { otherVersion } from './other-version.js';
import { SharedCacheBackend } from './shared-cache-backend.js';
import { SharedLocks } from './shared-locks.js';
import { readWorkers, rowsAround } from './worker-board.js';

export interface ApplicationHostOptions {
  readonly config: Config;
  readonly version: string;
  readonly workerId: number;
  readonly logger: Logger;
  readonly memory: ApplicationMemory;
  readonly locks: number;
  readonly row?: ScoreboardRow | undefined;
  /** To the master; without one there is none. */
  readonly tell?: ((message: CommandMessage | ScheduleMessage) => void) | undefined;
}

/** What stands behind the functions of the package in a worker. */
export class ApplicationHost implements Host {
  readonly facts: ServerFacts;
  readonly locks: Locks;
  readonly schedule: Schedule;
  readonly #options: ApplicationHostOptions;
  readonly #handlers: Handlers;
  readonly #fromMaster: MasterSchedule | undefined;
  readonly #caches: ReadonlyMap<string, CacheBackend>;
  readonly #onDrain = new Set<() => unknown>();
  readonly #board: readonly ScoreboardRow[];

  constructor(options: ApplicationHostOptions) {
    const { memory, row, tell } = options;
    this.#options = options;
    this.facts = serverFacts(options);
    this.locks = new Locks(new SharedLocks(memory.locks, options.locks));
    this.#caches = new Map(
      memory.caches.map((named) => [named.settings.name, new SharedCacheBackend(named)]),
    );
    this.#board = row === undefined ? [] : rowsAround(row);
    this.#handlers = new Handlers((what, error) => this.#failed(what, error));
    this.#fromMaster =
      tell && new MasterSchedule(this.#handlers, (change) => tell({ type: 'schedule', change }));
    this.schedule = this.#fromMaster ?? new LocalSchedule(this.#handlers);
  }

  /** From now on the package's functions mean this worker. To be called before the application is loaded. */
  install(): void {
    processState().host = this;
  }

  workers(): readonly WorkerInfo[] {
    return readWorkers(this.#board);
  }

  request(): CurrentRequest | undefined {
    return currentRequest();
  }

  command(command: 'reload' | 'stop', reason: string): void {
    const { tell, logger, workerId } = this.#options;
    if (tell !== undefined) {
      tell({ type: 'command', command, reason: `${reason} (worker ${workerId})` });
      return;
    }
    if (command === 'stop') {
      logger.info(`stop() of the application: ${reason}`, { reason });
      process.kill(process.pid, 'SIGTERM');
      return;
    }
    logger.warn('reload() of the application is ignored: the server runs without a master', {
      reason: 'no-master',
    });
  }

  log(level: LogLevel, text: string): void {
    const id = currentRequest()?.id;
    const fields = { source: 'application', ...(id === undefined ? {} : { requestId: id }) };
    this.#options.logger[level](text, fields);
  }

  setHarakiri(seconds: number): void {
    const request = currentRequest();
    if (request === undefined)
      throw new Error('setHarakiri() needs a request: it was called outside of one');
    request.environ['tsuwsgi.setHarakiri'](seconds);
  }

  onDrain(callback: () => unknown): () => void {
    this.#onDrain.add(callback);
    return () => void this.#onDrain.delete(callback);
  }

  cache(name: string | undefined): CacheBackend {
    const [first] = this.#caches.values();
    const found = name === undefined ? first : this.#caches.get(name);
    if (found !== undefined) return found;
    const what = name === undefined ? 'the server has no cache' : `there is no cache "${name}"`;
    throw new CacheError(
      'ERR_TSUWSGI_CACHE_MISSING',
      `${what}: start it with --cache2 name=${name ?? 'default'},items=1000`,
    );
  }

  signalled(signal: number): void {
    this.#options.row?.add('SIGNALS');
    this.#handlers.signalled(signal);
  }

  runJob(key: string): void {
    void this.#fromMaster?.runJob(key);
  }

  /** The worker begins to drain. Resolves when what was asked to be waited for is done, and no job runs. */
  async drain(): Promise<void> {
    const callbacks = [...this.#onDrain];
    this.#onDrain.clear();
    await Promise.all(callbacks.map((callback) => this.#callBeforeEnd(callback)));
    await this.#handlers.idle();
  }

  async #callBeforeEnd(callback: () => unknown): Promise<void> {
    try {
      await callback();
    } catch (error) {
      this.#failed('onDrain callback', error);
    }
  }

  #failed(what: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const stack = error instanceof Error ? error.stack : undefined;
    this.#options.logger.error(`${what} of the application failed: ${message}`, {
      reason: 'application-error',
      ...(stack === undefined ? {} : { stack }),
    });
  }
}

export interface HostSource extends Omit<ApplicationHostOptions, 'memory' | 'locks' | 'version'> {
  /** Memory that the master made; without it this process makes its own. */
  readonly applicationMemory?: InheritedMemory | undefined;
}

/** Throws an AppLoadError where the master made the memory in another way than this version understands. */
export function createApplicationHost(source: HostSource, addon: NativeAddon): ApplicationHost {
  const plan = applicationMemoryPlan(source.config);
  const inherited = source.applicationMemory;
  const { fd, memory } =
    inherited === undefined
      ? createApplicationMemory(plan, addon)
      : { fd: inherited.fd, memory: openInherited(inherited, plan, addon) };
  closeSync(fd);
  return new ApplicationHost({ ...source, memory, locks: plan.locks, version: addon.version });
}

function openInherited(
  { fd, layout }: InheritedMemory,
  plan: ApplicationMemoryPlan,
  addon: NativeAddon,
): ApplicationMemory {
  if (layout !== addon.memoryLayout) throw otherVersion('locks and caches');
  return openApplicationMemory(fd, plan, addon);
}

function serverFacts({ config, version, workerId, tell }: ApplicationHostOptions): ServerFacts {
  return {
    workerId,
    masterPid: tell === undefined ? 0 : process.ppid,
    processes: config.processes,
    mode: config.threads > 1 ? 'pool' : 'loop',
    options: frozen(config),
    version,
    startedAt: new Date(Date.now() - process.uptime() * 1000),
  };
}

/** It came as JSON under a master: plain data all the way down. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
}
