/** `--attach-daemon`: commands that run beside the workers for as long as the server does. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Logger } from '../log/logger.js';
import { LimitTimer } from './limit-timer.js';
import {
  NO_DEATHS,
  recordDeath,
  respawnDelayMs,
  type SlotRecord,
} from './workers/respawn-throttle.js';

interface Daemon {
  readonly command: string;
  child: ChildProcess | undefined;
  startedAt: number;
  record: SlotRecord;
  respawns: number;
  readonly respawn: LimitTimer;
}

export interface DaemonFacts {
  readonly cmd: string;
  readonly pid: number;
  readonly respawns: number;
}

const THROTTLE = { delayMs: 1000, maxDelayMs: 60_000, giveUpAfter: 0 };
/** A command that ends sooner is taken for one that cannot run. */
const YOUNG_MS = 5000;

export class AttachedDaemons {
  readonly #daemons: readonly Daemon[];
  readonly #logger: Logger;
  #stopping = false;

  constructor(commands: readonly string[], logger: Logger) {
    this.#logger = logger;
    this.#daemons = commands.map((command) => ({
      command,
      child: undefined,
      startedAt: 0,
      record: NO_DEATHS,
      respawns: 0,
      respawn: new LimitTimer(),
    }));
  }

  /** Also after a stop. */
  start(): void {
    this.#stopping = false;
    for (const daemon of this.#daemons) this.#spawn(daemon);
  }

  facts(): DaemonFacts[] {
    return this.#daemons.map(({ command, child, respawns }) => ({
      cmd: command,
      pid: child?.pid ?? 0,
      respawns,
    }));
  }

  pids(): number[] {
    return this.#daemons.flatMap(({ child }) => child?.pid ?? []);
  }

  /** SIGTERM to each and all that it started, SIGKILL to what is left after `graceMs`; resolves when all are gone. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#daemons.map((daemon) => this.#end(daemon, graceMs)));
  }

  #spawn(daemon: Daemon): void {
    // exec: the command itself is the child, where it is a simple one, and gets the signals.
    const child = spawn('/bin/sh', ['-c', `exec ${daemon.command}`], {
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    daemon.child = child;
    daemon.startedAt = performance.now();
    this.#logger.info(`[uwsgi-daemons] spawning "${daemon.command}" (pid: ${child.pid ?? 0})`, {
      event: 'daemon-spawned',
      command: daemon.command,
      daemonPid: child.pid,
    });
    let ended = false;
    const end = (how: string): void => {
      if (!ended) this.#gone(daemon, how);
      ended = true;
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(signal ?? `exit code ${code ?? 0}`));
  }

  #gone(daemon: Daemon, how: string): void {
    daemon.child = undefined;
    if (this.#stopping) return;
    const livedMs = performance.now() - daemon.startedAt;
    const readyForMs = livedMs < YOUNG_MS ? undefined : livedMs;
    daemon.record = recordDeath(daemon.record, { readyForMs, crash: true });
    const delayMs = respawnDelayMs(daemon.record, THROTTLE, 0.5);
    daemon.respawns += 1;
    this.#logger.warn(
      `[uwsgi-daemons] "${daemon.command}" ended (${how}), starting it again in ${delayMs / 1000} s`,
      { event: 'daemon-died', reason: how, command: daemon.command },
    );
    daemon.respawn.set(Math.max(delayMs, 1), () => this.#spawn(daemon));
  }

  #end(daemon: Daemon, graceMs: number): Promise<void> {
    daemon.respawn.clear();
    const { child } = daemon;
    if (child?.pid === undefined) return Promise.resolve();
    const { pid } = child;
    const { command } = daemon;
    this.#logger.info(
      `[uwsgi-daemons] "${command}" (pid: ${pid}) is told to end, and has ${graceMs / 1000} s for it`,
      { event: 'daemon-stopping', command, daemonPid: pid },
    );
    return new Promise((resolve) => {
      const killer = setTimeout(() => this.#kill(daemon, pid, graceMs), graceMs);
      child.once('exit', () => {
        clearTimeout(killer);
        resolve();
      });
      killGroup(pid, 'SIGTERM');
    });
  }

  #kill({ command }: Daemon, pid: number, graceMs: number): void {
    const reason = `it did not end within ${graceMs / 1000} s`;
    this.#logger.warn(`[uwsgi-daemons] "${command}" (pid: ${pid}) is killed: ${reason}`, {
      event: 'daemon-killed',
      reason,
      command,
      daemonPid: pid,
    });
    killGroup(pid, 'SIGKILL');
  }
}

/** The command leads a process group of its own. */
function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has just ended.
  }
}
