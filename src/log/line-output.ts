/** How bytes of the log get to a descriptor. */
import { writeSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';

/** `error` is the errno of what was not taken; 0: everything was. */
export interface Taken {
  readonly bytes: number;
  readonly error: number;
}

/** Writes what the descriptor takes at once. Whole lines are given; what is left of one is given again. */
export type LineOutput = (lines: Uint8Array) => Taken;

const INPUT_OUTPUT_ERROR = 5;

/**
 * Waits for as long as the descriptor blocks: for processes that have not loaded the native core, whose `openOutput`
 * does not.
 */
export function plainOutput(fd: number): LineOutput {
  return (lines) => {
    let bytes = 0;
    try {
      while (bytes < lines.length) bytes += writeSync(fd, lines, bytes);
      return { bytes, error: 0 };
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      return { bytes, error: errno === undefined ? INPUT_OUTPUT_ERROR : Math.abs(errno) };
    }
  };
}

/** What a pipe or socket that is full means; the system's own words do not help. */
export const UNREAD = 'nobody reads it, or too slowly';

/** `ENOSPC: no space left on device`. */
export function describeErrno(errno: number): string {
  const [name, message] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown error'];
  return name === 'EAGAIN' ? UNREAD : `${name}: ${message}`;
}
