/** Ways to the log that never wait for who reads it. */
import { loadAddon } from '../binding/load.js';
import { plainOutput, type LineOutput } from '../log/line-output.js';

const STANDARD_ERROR = 2;

function lineOutput(fd: number): LineOutput {
  return loadAddon().openOutput(fd);
}

/** Without the native core, which cannot be loaded then, there is nothing to say but that, and waiting does no harm. */
export function standardError(): LineOutput {
  try {
    return lineOutput(STANDARD_ERROR);
  } catch {
    return plainOutput(STANDARD_ERROR);
  }
}
