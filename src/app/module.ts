/**
 * The functions that applications import from the package: what `import uwsgi` is to a Python application under uWSGI.
 * docs/application-module.md has examples. All of them work without a server too, as local-host.ts says.
 */
import { checkTrigger, type Trigger } from '../util/timetable.js';
import { Cache } from './cache.js';
import type { CurrentRequest, LogLevel, WorkerInfo } from './host.js';
import { host } from './local-host.js';
import { processState } from './process-state.js';
import type { Job, SignalHandler } from './schedule.js';

processState().imported = true;

/** What is none would be noticed when the time has come, far from the mistake. */
function requireFunction(caller: string, given: unknown): void {
  if (typeof given !== 'function') throw new TypeError(`${caller}() needs a function`);
}

const LOG_LEVELS: readonly LogLevel[] = ['info', 'warn', 'error'];

/** 1, 2, …; a worker's successor has the same. 0 outside of a server. */
export function workerId(): number {
  return host().facts.workerId;
}

/** 0 where there is no master. */
export function masterPid(): number {
  return host().facts.masterPid;
}

export function pid(): number {
  return process.pid;
}

/** How many workers the server has, or may have (`--processes`); 0 outside of a server. */
export function numProc(): number {
  return host().facts.processes;
}

/** Where requests are read and written: `loop`, `pool` (docs/threading.md), or `none` outside of a server. */
export function mode(): 'loop' | 'pool' | 'none' {
  return host().facts.mode;
}

/** Every option with the value that counts, frozen: `options()['processes']`. Names in camel case. */
export function options(): Readonly<Record<string, unknown>> {
  return host().facts.options;
}

/** Of the server; empty outside of one. */
export function version(): string {
  return host().facts.version;
}

/** When this process started. */
export function startedAt(): Date {
  return host().facts.startedAt;
}

/** All workers as they are now, read from shared memory: also those whose JavaScript is blocked. */
export function workers(): readonly WorkerInfo[] {
  return host().workers();
}

/** Requests that all workers that live now have answered. */
export function totalRequests(): number {
  return workers().reduce((sum, { requests }) => sum + requests, 0);
}

/** The request whose code runs, also after an `await`; undefined outside of one. */
export function currentRequest(): CurrentRequest | undefined {
  return host().request();
}

/** Its id, as in `environ['tsuwsgi.request_id']`. */
export function requestId(): string | undefined {
  return host().request()?.id;
}

/** New workers with the new code take the places of all workers, as on SIGHUP. Returns at once. */
export function reload(reason = 'asked for by the application'): void {
  host().command('reload', reason);
}

/** The server finishes its requests and ends, as on SIGTERM. Returns at once. */
export function stop(reason = 'asked for by the application'): void {
  host().command('stop', reason);
}

/** A record in the server's log. */
export function log(text: string, level: LogLevel = 'info'): void {
  if (!LOG_LEVELS.includes(level))
    throw new RangeError(`log level "${level}" is none of ${LOG_LEVELS.join(', ')}`);
  host().log(level, text);
}

/**
 * Gives the current request so many seconds from now on, in place of `--harakiri`; 0: no limit. Throws outside of a
 * request of a server.
 */
export function setHarakiri(seconds: number): void {
  host().setHarakiri(seconds);
}

/**
 * Called once when this worker begins to drain. A promise that it returns is waited for, within
 * `--worker-reload-mercy`. Returns what takes the callback back.
 */
export function onDrain(callback: () => unknown): () => void {
  requireFunction('onDrain', callback);
  return host().onDrain(callback);
}

/**
 * Waits for the lock, which one process of the server holds at a time (`--locks`). A worker that dies gives back what it
 * holds. Not reentrant: who locks twice waits for itself.
 */
export function lock(number = 0): Promise<void> {
  return host().locks.lock(number);
}

/** Whether it is held now, by this call. */
export function tryLock(number = 0): boolean {
  return host().locks.tryLock(number);
}

export function unlock(number = 0): void {
  host().locks.unlock(number);
}

/** Whether any process holds it. */
export function isLocked(number = 0): boolean {
  return host().locks.isLocked(number);
}

/** Runs `run` with the lock held, and gives it back whatever comes of it. */
export function withLock<T>(number: number, run: () => T | Promise<T>): Promise<T> {
  return host().locks.withLock(number, run);
}

/** The first cache of `--cache2` (or `--cache`). */
export const cache = new Cache(() => host().cache(undefined));

/** The cache with this name. */
export function namedCache(name: string): Cache {
  return new Cache(() => host().cache(name));
}

const MOST_SIGNALS = 256;
const TARGET = /^(worker|worker\d+|workers|active-workers)?$/;

function checkSignal(signal: number): void {
  if (!Number.isInteger(signal) || signal < 0 || signal >= MOST_SIGNALS)
    throw new RangeError(`signal ${signal} is none of 0 to ${MOST_SIGNALS - 1}`);
}

/**
 * Calls `handler` when the signal is raised. `target`: '' or 'worker' the worker that has least to do, 'workers' and
 * 'active-workers' all of them, 'worker2' the one with that id. To be called while the application loads, so that every
 * worker has the handler.
 */
export function registerSignal(signal: number, target: string, handler: SignalHandler): void {
  checkSignal(signal);
  requireFunction('registerSignal', handler);
  if (!TARGET.test(target))
    throw new RangeError(
      `signal target "${target}" is unknown: '', 'worker', 'workers', 'active-workers' or 'workerN'`,
    );
  const all = target === 'worker0' ? '' : target;
  host().schedule.register(signal, all, handler);
}

/** Whether this worker has a handler. */
export function signalRegistered(signal: number): boolean {
  return host().schedule.registered(signal);
}

/** Raises a signal of `registerSignal`; it goes through the master. */
export function signal(number: number): void {
  checkSignal(number);
  host().schedule.raise(number);
}

/** Raises the signal every so many seconds, for all workers together. */
export function addTimer(number: number, seconds: number): void {
  signalTimer(number, { type: 'every', ms: seconds * 1000 });
}

/** The same, `times` times; 0: for ever. */
export function addRbTimer(number: number, seconds: number, times = 0): void {
  if (!Number.isInteger(times) || times < 0) throw new RangeError(`times is ${times}`);
  signalTimer(number, { type: 'every', ms: seconds * 1000, ...(times > 0 ? { times } : {}) });
}

/** Raises the signal at these times: -1 is every, -N every Nth, weekdays 0 to 7 with Sunday as both. */
export function addCron(
  number: number,
  minute: number,
  hour: number,
  day: number,
  month: number,
  weekday: number,
): void {
  signalTimer(number, { type: 'cron', time: { minute, hour, day, month, weekday } });
}

function signalTimer(number: number, trigger: Trigger): void {
  checkSignal(number);
  checkTrigger(trigger);
  host().schedule.signalTimer(number, trigger);
}

export interface JobOptions {
  /** By which all workers know that they mean the same job; needed where not every worker makes the same jobs. */
  readonly name?: string;
}

/**
 * Runs `run` every so many seconds, in one worker of the server: the next time in another one where it has died. One that
 * still runs is not started again. Returns what ends it for this worker.
 */
export function every(seconds: number, run: Job, { name }: JobOptions = {}): () => void {
  requireFunction('every', run);
  return job(name, { type: 'every', ms: seconds * 1000 }, run);
}

/** The same at times as in crontab(5), local: `cron('0 4 * * mon', run)`. */
export function cron(time: string, run: Job, { name }: JobOptions = {}): () => void {
  requireFunction('cron', run);
  if (typeof time !== 'string') throw new TypeError('cron() needs a time as in crontab(5)');
  return job(name, { type: 'cron', time }, run);
}

function job(name: string | undefined, trigger: Trigger, run: Job): () => void {
  checkTrigger(trigger);
  return host().schedule.job(name, trigger, run);
}
