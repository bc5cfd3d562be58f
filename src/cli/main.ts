/**
 * Entry of the command line: arguments and environment in, exit code out. What only tells something and ends is loaded
 * when it is asked for: a master would keep it for months.
 */
import type { Config } from '../config/config.js';
import { readArgv } from '../config/argv.js';
import type { Environment } from '../config/option-row.js';
import { LEFT_SOCKETS } from '../config/socket-activation.js';
import { resolveConfig, type ResolvedConfig } from '../config/resolve.js';
import { ExitCode } from '../ipc/exit-codes.js';
import { directLogger } from '../log/config-logger.js';
import type { Logger } from '../log/logger.js';
import { standardError } from '../startup/log-output.js';
import { growAsNeeded, staySmall } from '../startup/engine.js';
import { readVersion } from '../util/version.js';
import type { StartOrigin } from '../startup/origin.js';
import type { StartHooks } from '../util/start-hooks.js';
import { daemonFile, reportStarted, startDaemon, takeDaemonMark } from './daemonize.js';
import { dropPrivileges, warnOfRoot } from './drop-privileges.js';
import { host } from './host.js';
import { originOf, type Started } from './origin.js';
import { locateError } from './locate-error.js';
import { OutputFile } from './output-file.js';
import { Pidfiles } from './pidfiles.js';
import { prepareProcess } from './prepare-process.js';
import { reportError } from './report-error.js';
import { requireSpoolDirectory } from './spool-directory.js';

const DEFAULT_WIDTH = 80;

/** Runs until the server has stopped. Never rejects. */
export async function main(argv: readonly string[], env: Environment): Promise<number> {
  try {
    if (argv[0] === 'check' && argv.length > 1) return await checkOnly(argv.slice(1), env);
    if (argv[0] === 'nginx' && argv.length > 1) {
      const { nginxConfiguration } = await import('./nginx/command.js');
      await printAll(nginxConfiguration({ argv: argv.slice(1), env, host }));
      return ExitCode.OK;
    }
    if (argv[0] === 'top' && argv.length > 1) {
      const { top } = await import('./top/command.js');
      return await top(argv.slice(1));
    }
    if (await printInformation(argv, env)) return 0;
    const origin = originOf(argv, env);
    const resolved = resolveConfig({ argv, env, host });
    return await start(resolved, origin).catch((error: unknown) => {
      throw locateError(error, resolved);
    });
  } catch (error) {
    const { lines, exitCode } = reportError(error);
    process.stderr.write(`${lines.join('\n')}\n`);
    return exitCode;
  }
}

async function checkOnly(argv: readonly string[], env: Environment): Promise<number> {
  const { check } = await import('./check.js');
  const { text, wouldRun } = check({ argv, env, host });
  await printAll(text);
  return wouldRun ? ExitCode.OK : ExitCode.FAILED;
}

/** `--help` and `--version` answer whatever else is on the command line. */
async function printInformation(argv: readonly string[], env: Environment): Promise<boolean> {
  const asked = new Set(readArgv(argv).settings.map(({ key }) => key));
  if (asked.has('help') || asked.has('usage')) await printHelp(env);
  else if (asked.has('version')) await printAll(`${readVersion()}\n`);
  else return false;
  return true;
}

async function printHelp(env: Environment): Promise<void> {
  const { helpText } = await import('./help.js');
  await printAll(helpText(terminalWidth(env)));
}

function terminalWidth(env: Environment): number {
  return process.stdout.columns || Number(env['COLUMNS']) || DEFAULT_WIDTH;
}

/** The process exits behind this: what a pipe has not taken by then would be lost. A reader that left wants no more. */
async function printAll(text: string): Promise<void> {
  await new Promise<void>((resolve) => {
    process.stdout.once('error', () => resolve());
    process.stdout.write(text, () => resolve());
  });
}

async function printConfig(resolved: ResolvedConfig): Promise<void> {
  const { showConfig } = await import('./show-config.js');
  process.stdout.write(showConfig(resolved));
}

/** From here on the form of the log is known, and a failure is a record in that form. */
async function start(resolved: ResolvedConfig, started: Started): Promise<number> {
  const { config } = resolved;
  if (config.showConfig) await printConfig(resolved);
  Reflect.deleteProperty(process.env, LEFT_SOCKETS);
  const daemon = started.inheritance === undefined ? daemonFile(config) : undefined;
  if (daemon !== undefined && !takeDaemonMark(process.env))
    return startDaemon(daemon, config, process.argv.slice(1));
  const json = config.logFormat === 'json';
  const logger = directLogger(config, standardError());
  const pidfiles = new Pidfiles(config, logger, process.cwd(), started.inheritance);
  const output = new OutputFile(config, process.cwd());
  try {
    // Whoever takes a running server's place has that one's output already.
    if (started.inheritance === undefined) output.openEarly();
    prepareProcess(config);
    logFindings(logger, resolved);
    const hooks = startHooks(resolved, logger, pidfiles, output, started.inheritance !== undefined);
    const origin = { ...started, pidfiles };
    const exitCode = await serve(config, hooks, origin);
    pidfiles.close();
    return exitCode;
  } catch (error) {
    pidfiles.close();
    if (!json) throw error;
    const { message, exitCode, fields } = reportError(locateError(error, resolved));
    logger.error(message, { event: 'start-failed', exitCode, ...fields });
    return exitCode;
  }
}

/** The pidfile is written as whoever started the server. */
function startHooks(
  resolved: ResolvedConfig,
  logger: Logger,
  pidfiles: Pidfiles,
  output: OutputFile,
  heir: boolean,
): StartHooks {
  if (heir) return heirHooks(resolved, logger, pidfiles, output);
  const { config } = resolved;
  return {
    bound: () => {
      pidfiles.writeEarly();
      dropPrivileges(config, logger);
      requireSpoolDirectory(resolved);
      warnOfRoot(logger);
      output.openLate();
      pidfiles.writeSecond();
    },
    begun: () => {
      if (config.daemonize !== undefined) reportStarted();
    },
    ready: () => {
      pidfiles.writeSafe();
      if (config.daemonize2 !== undefined) reportStarted();
    },
    logFile: output.file,
  };
}

/** In the place of a running server: privileges are dropped already, and its pidfiles are its own until it lets go. */
function heirHooks(
  resolved: ResolvedConfig,
  logger: Logger,
  pidfiles: Pidfiles,
  output: OutputFile,
): StartHooks {
  return {
    bound: () => {
      if (process.getuid?.() === 0) dropPrivileges(resolved.config, logger);
      requireSpoolDirectory(resolved);
      warnOfRoot(logger);
    },
    begun: () => undefined,
    ready: () => pidfiles.writeAll(),
    logFile: output.file,
  };
}

function logFindings(logger: Logger, { config, notes, warnings }: ResolvedConfig): void {
  if (config.chdir !== undefined) logger.fact(`chdir() to ${config.chdir}`);
  for (const note of notes) logger.fact(note);
  for (const warning of warnings) logger.warn(warning);
}

/** The worker is imported by its address: command line and worker do not know each other. */
async function serve(config: Config, hooks: StartHooks, origin: StartOrigin): Promise<number> {
  if (config.master) {
    staySmall();
    const { runSupervisor } = await import('../supervisor/supervisor.js');
    return runSupervisor(config, hooks, origin);
  }
  growAsNeeded();
  const worker = new URL('../worker/main.js', import.meta.url).href;
  const { runStandalone } = (await import(worker)) as {
    readonly runStandalone: (config: Config, hooks: StartHooks) => Promise<number>;
  };
  return runStandalone(config, hooks);
}
