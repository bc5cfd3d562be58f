/** What a failed start says and which exit code it has. Errors of ours need no stack: their message says all. */
import { ConfigError, TsuwsgiError } from '../errors.js';
import { ExitCode } from '../ipc/exit-codes.js';
import type { LogFields } from '../log/logger.js';

export interface FailureReport {
  /** For people, each with the program's name in front. */
  readonly lines: readonly string[];
  /** For a log record, with its fields. */
  readonly message: string;
  readonly fields: LogFields;
  readonly exitCode: number;
}

const PROGRAM = 'tsuwsgi-native';

export function reportError(error: unknown): FailureReport {
  return error instanceof TsuwsgiError ? reportExpected(error) : reportUnexpected(error);
}

function reportExpected(error: TsuwsgiError): FailureReport {
  const lines = error instanceof ConfigError ? error.problems : [error.message];
  return {
    lines: lines.map((line) => `${PROGRAM}: ${line}`),
    message: error.message,
    fields: { code: error.code, reason: error.message },
    exitCode: error.exitCode ?? ExitCode.FAILED,
  };
}

function reportUnexpected(error: unknown): FailureReport {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    lines: [`${PROGRAM}: internal error: ${stack}`],
    message: 'internal error',
    fields: { reason: error instanceof Error ? error.message : String(error), stack },
    exitCode: ExitCode.FAILED,
  };
}
