/** Says in words why a worker process ended. Pure. */
import { ExitCode } from '../../ipc/exit-codes.js';

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The process could not be started at all. */
  readonly spawnError?: NodeJS.ErrnoException;
}

export interface DeathFacts {
  readonly exit: ProcessExit;
  /** It was told to drain or stop. */
  readonly asked: boolean;
  /** Why the master killed it, where it did. */
  readonly killReason?: string | undefined;
  /** What the worker said before it left: that its application cannot be loaded, or why it leaves. */
  readonly bootFailure?: string | undefined;
  readonly farewell?: string | undefined;
  /** Processes of our cgroup that the kernel killed for lack of memory since this worker was started. */
  readonly oomKills: number;
}

export interface DeathReason {
  readonly reason: string;
  /** It failed by itself, as opposed to somebody ending it. */
  readonly crash: boolean;
}

const SPAWN_ADVICE: Readonly<Record<string, string>> = {
  EAGAIN:
    'the limit of processes is reached (ulimit -u, pids.max of the cgroup, TasksMax= in systemd)',
  ENOMEM: 'the machine or the cgroup has no memory left',
  EMFILE: 'the limit of open files is reached (ulimit -n, LimitNOFILE= in systemd)',
  ENFILE: 'the machine has no file handles left (fs.file-max)',
  ENOENT: `the Node.js binary ${process.execPath} is gone`,
  EACCES: `the Node.js binary ${process.execPath} may not be executed`,
};

/** Exit codes of Node itself (its documentation, process exit codes); an application may choose the same ones. */
const NODE_EXIT_CODES: Readonly<Record<number, string>> = {
  0: 'the application called process.exit(), or stopped what kept the process alive',
  1: 'an uncaught exception',
  6: 'the uncaught exception handler is not a function',
  7: 'the uncaught exception handler threw',
  9: 'node did not accept an option of its command line or NODE_OPTIONS',
  13: 'a top-level await never settled',
};

function spawnFailure(error: NodeJS.ErrnoException): DeathReason {
  const advice = SPAWN_ADVICE[error.code ?? ''];
  return {
    reason: `the process could not be started: ${advice ?? error.message} (${error.code ?? 'unknown'})`,
    crash: true,
  };
}

function killedBy(signal: NodeJS.Signals, oomKills: number): DeathReason {
  switch (signal) {
    case 'SIGKILL':
      return oomKills > 0
        ? { reason: 'killed by the kernel: the cgroup is out of memory (SIGKILL)', crash: true }
        : {
            reason:
              'killed by SIGKILL: by somebody, or by the kernel for lack of memory (see dmesg)',
            crash: false,
          };
    case 'SIGABRT':
      return {
        reason:
          'aborted (SIGABRT): the JavaScript heap is full, or a check failed; see the lines above',
        crash: true,
      };
    case 'SIGSEGV':
    case 'SIGBUS':
    case 'SIGILL':
    case 'SIGFPE':
    case 'SIGTRAP':
      return { reason: `crashed in native code (${signal})`, crash: true };
    default:
      return { reason: `killed by ${signal}`, crash: false };
  }
}

function exitedWith(code: number | null): DeathReason {
  return { reason: `exited with code ${code ?? 'unknown'}${explained(code ?? -1)}`, crash: true };
}

function explained(code: number): string {
  const meaning = NODE_EXIT_CODES[code];
  if (meaning === undefined) return '';
  return code === 0 ? `: ${meaning}` : `: ${meaning}, or process.exit(${code})`;
}

export function describeDeath(facts: DeathFacts): DeathReason {
  const { exit } = facts;
  if (exit.spawnError !== undefined) return spawnFailure(exit.spawnError);
  if (facts.bootFailure !== undefined) return { reason: facts.bootFailure, crash: true };
  if (facts.killReason !== undefined) return { reason: facts.killReason, crash: true };
  if (facts.farewell !== undefined) {
    return { reason: facts.farewell, crash: exit.code !== ExitCode.DRAINED };
  }
  if (exit.signal !== null) return killedBy(exit.signal, facts.oomKills);
  if (exit.code === ExitCode.DRAINED) return { reason: 'drained', crash: false };
  if (facts.asked && exit.code === ExitCode.OK) return { reason: 'stopped', crash: false };
  return exitedWith(exit.code);
}
