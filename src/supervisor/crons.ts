/** `--cron` and its relatives: commands that run at their times for as long as the server does. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { CronSetting } from '../config/cron-settings.js';
import type { Logger } from '../log/logger.js';
import { Timetable } from '../util/timetable.js';
import { LimitTimer } from './limit-timer.js';
import type { CronStats } from './stats/stats-facts.js';

interface Run {
  readonly setting: CronSetting;
  readonly child: ChildProcess;
  readonly startedAt: number;
  readonly limit: LimitTimer;
  readonly ended: Promise<void>;
}

export class Crons {
  readonly #settings: ReadonlyMap<string, CronSetting>;
  readonly #logger: Logger;
  readonly #runs = new Set<Run>();
  readonly #timetable = new Timetable({ idle: true, due: (key) => this.run(key) });

  constructor(settings: readonly CronSetting[], logger: Logger) {
    this.#settings = new Map(settings.map((setting, number) => [String(number), setting]));
    this.#logger = logger;
  }

  start(): void {
    for (const [key, { time }] of this.#settings) this.#timetable.add(key, { type: 'cron', time });
  }

  pids(): number[] {
    return [...this.#runs].flatMap(({ child }) => child.pid ?? []);
  }

  facts(): CronStats[] {
    return [...this.#settings.values()].map((setting) => {
      const last = [...this.#runs].findLast((run) => run.setting === setting);
      return { setting, pid: last?.child.pid ?? 0, startedAt: last?.startedAt ?? 0 };
    });
  }

  /** The entry is due. */
  run(key: string): void {
    const setting = this.#settings.get(key);
    if (setting === undefined) return;
    const before = [...this.#runs].find((run) => run.setting === setting);
    if (setting.unique && before !== undefined) {
      this.#logger.warn(
        `[uwsgi-cron] "${setting.command}" is due and still runs (pid ${before.child.pid ?? 0}): not started a second time`,
        { reason: 'still-running', command: setting.command, cronPid: before.child.pid },
      );
    } else {
      this.#spawn(setting);
    }
  }

  /** SIGTERM to what runs and all that it started, SIGKILL after `graceMs`; resolves when all are gone. */
  async stop(graceMs: number): Promise<void> {
    this.#timetable.clear();
    for (const run of this.#runs) this.#end(run, graceMs);
    await Promise.all([...this.#runs].map(({ ended }) => ended));
  }

  #end({ setting: { command }, child, limit }: Run, graceMs: number): void {
    this.#logger.info(
      `[uwsgi-cron] "${command}" (pid ${child.pid ?? 0}) is told to end, and has ${graceMs / 1000} s for it`,
      { event: 'cron-stopping', command, cronPid: child.pid },
    );
    kill(child, 'SIGTERM');
    limit.set(graceMs, () => kill(child, 'SIGKILL'));
  }

  #spawn(setting: CronSetting): void {
    const { command, limitSeconds } = setting;
    const child = spawn('/bin/sh', ['-c', command], {
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    const limit = new LimitTimer();
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`cannot be started: ${error.message}`));
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code ?? 0}`));
    }).then((how) => this.#ended(run, how));
    const run: Run = { setting, child, startedAt: Date.now(), limit, ended };
    this.#runs.add(run);
    this.#logger.info(`[uwsgi-cron] running "${command}" (pid: ${child.pid ?? 0})`, {
      event: 'cron-started',
      command,
      cronPid: child.pid,
    });
    limit.set(limitSeconds * 1000, () => this.#overrun(run));
  }

  #overrun({ setting, child }: Run): void {
    const { command, limitSeconds } = setting;
    this.#logger.error(
      `[uwsgi-cron] "${command}" (pid ${child.pid ?? 0}) ran for ${limitSeconds} s (harakiri=${limitSeconds}): killed`,
      { reason: 'harakiri', command, cronPid: child.pid },
    );
    kill(child, 'SIGKILL');
  }

  #ended(run: Run, how: string): void {
    const { setting, child, limit } = run;
    limit.clear();
    this.#runs.delete(run);
    if (how === 'exit code 0') return;
    this.#logger.warn(`[uwsgi-cron] "${setting.command}" (pid ${child.pid ?? 0}) ended: ${how}`, {
      reason: how,
      command: setting.command,
      cronPid: child.pid,
    });
  }
}

/** It leads a process group: what it started is ended with it. */
function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // All of the group is gone already.
  }
}
