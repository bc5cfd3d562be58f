/**
 * `--daemonize`: the server goes on in a process of its own session, with the log file as its output. Node cannot fork, so
 * the same command is started again; the first process waits until that one has bound its sockets (`--daemonize2`:
 * until every worker is ready) and ends with its outcome.
 */
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Config } from '../config/config.js';
import { OptionError } from '../errors.js';
import { ExitCode } from '../ipc/exit-codes.js';
import { openOutputFile } from '../startup/log-file.js';
import { systemReason } from '../util/system-reason.js';

/** Tells the second process that it is the one that stays. */
const MARK = '_TSUWSGI_DAEMON';

const STARTED = 'tsuwsgi-started';

export type DaemonOptions = Pick<
  Config,
  'daemonize' | 'daemonize2' | 'logTruncate' | 'logfileChmod' | 'logfileChown' | 'uid' | 'gid'
>;

/** Log file of the daemon; undefined: the server stays in the foreground. */
export function daemonFile({
  daemonize,
  daemonize2,
}: Pick<Config, 'daemonize' | 'daemonize2'>): string | undefined {
  return daemonize ?? daemonize2;
}

/** Whether this process is the one that stays. Asked once: what it starts later is no daemon because of it. */
export function takeDaemonMark(env: NodeJS.ProcessEnv): boolean {
  const marked = env[MARK] !== undefined;
  Reflect.deleteProperty(env, MARK);
  return marked;
}

/** Starts the process that stays and returns the exit code of this one. */
export async function startDaemon(
  file: string,
  options: DaemonOptions,
  command: readonly string[],
): Promise<number> {
  const log = openLog(file, options);
  const child = spawn(process.execPath, [...process.execArgv, ...command], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...process.env, [MARK]: '1' },
  });
  closeSync(log);
  const outcome = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(ExitCode.FAILED));
    child.once('exit', (code) => resolve(code ?? ExitCode.FAILED));
    child.on('message', (message) => {
      if (message === STARTED) resolve(ExitCode.OK);
    });
  });
  if (child.connected) child.disconnect();
  child.unref();
  if (outcome !== ExitCode.OK)
    process.stderr.write(`tsuwsgi-native: the server did not start; ${file} says why\n`);
  return outcome;
}

/** In the process that stays: lets the first one go. */
export function reportStarted(): void {
  if (process.send === undefined) return;
  process.send(STARTED, undefined, undefined, () => {
    if (process.connected) process.disconnect();
  });
}

function openLog(file: string, options: DaemonOptions): number {
  const option = options.daemonize === undefined ? 'daemonize2' : 'daemonize';
  try {
    return openOutputFile(file, { ...options, truncate: options.logTruncate });
  } catch (error) {
    throw new OptionError(option, file, systemReason(error));
  }
}
