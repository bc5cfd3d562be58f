/** What a failed start prints and which exit code it has. Errors with a code of ours need no stack: the message says all. */
import { ConfigError, TsuwsgiError } from '../errors.js';
import { ExitCode } from '../ipc/exit-codes.js';

export interface FailureReport {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

const PROGRAM = 'tsuwsgi-native';

export function reportError(error: unknown): FailureReport {
  if (error instanceof ConfigError) {
    return {
      lines: error.problems.map((problem) => `${PROGRAM}: ${problem}`),
      exitCode: error.exitCode ?? ExitCode.FAILED,
    };
  }
  if (error instanceof TsuwsgiError) {
    return { lines: [`${PROGRAM}: ${error.message}`], exitCode: error.exitCode ?? ExitCode.FAILED };
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { lines: [`${PROGRAM}: internal error: ${detail}`], exitCode: ExitCode.FAILED };
}
