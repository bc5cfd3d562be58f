import type { CacheBackend } from './cache-backend.js';
import type { CurrentRequest, Host, LogLevel, ServerFacts, WorkerInfo } from './host.js';
import { Locks, PrivateLocks } from './locks.js';
import { MemoryCache } from './memory-cache.js';
import { processState } from './process-state.js';
import { Handlers, LocalSchedule, type Schedule } from './schedule.js';

/** Locks are made by `--locks`; a program on its own has as many as uWSGI may have signals. */
const LOCAL_LOCKS = 256;

/**
 * Where no server runs (tests of an application, `node app.js`): the process is alone, so locks and caches are its own,
 * timers run in it, the log is standard error, and there is nothing to reload or stop.
 */
export class LocalHost implements Host {
  readonly facts: ServerFacts;
  readonly locks = new Locks(new PrivateLocks(LOCAL_LOCKS));
  readonly schedule: Schedule;
  readonly #caches = new Map<string, MemoryCache>();

  constructor() {
    this.facts = {
      workerId: 0,
      masterPid: 0,
      processes: 0,
      mode: 'none',
      options: Object.freeze({}),
      version: '',
      startedAt: new Date(Date.now() - process.uptime() * 1000),
    };
    const report = (what: string, error: unknown): void =>
      this.log('error', `${what} failed: ${String(error)}`);
    this.schedule = new LocalSchedule(new Handlers(report));
  }

  workers(): readonly WorkerInfo[] {
    return [];
  }

  request(): CurrentRequest | undefined {
    return undefined;
  }

  command(command: 'reload' | 'stop'): void {
    this.log('warn', `${command}(): no server runs this program, so nothing happens`);
  }

  log(_level: LogLevel, text: string): void {
    process.stderr.write(`${text}\n`);
  }

  setHarakiri(): void {
    // There is no request, so there is no deadline.
  }

  onDrain(): () => void {
    return () => undefined;
  }

  cache(name = 'default'): CacheBackend {
    let cache = this.#caches.get(name);
    if (cache === undefined) this.#caches.set(name, (cache = new MemoryCache(name)));
    return cache;
  }
}

/** The server's, or the stand-in. */
export function host(): Host {
  const state = processState();
  return state.host ?? (state.local ??= new LocalHost());
}
