/**
 * Regular expressions over lines of the log. Clients decide what stands in those lines, and matching runs in the master:
 * an expression that takes time beyond measure on some line would stop it. So only expressions are taken that can be
 * matched in time proportional to the line, and V8 is told to do so once trying alternatives has taken long.
 */
import { setFlagsFromString } from 'node:v8';
import { ConfigError } from '../../errors.js';

export type LinePattern = (line: string) => boolean;

let linear = false;

function useLinearEngine(): void {
  if (linear) return;
  linear = true;
  setFlagsFromString('--enable-experimental-regexp-engine');
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
}

/** Throws a ConfigError that names the option and its text. */
export function linePattern(source: string, option: string, text: string): LinePattern {
  useLinearEngine();
  const refuse = (why: string): ConfigError => new ConfigError([`--${option} ${text}: ${why}`]);
  let pattern: RegExp;
  try {
    pattern = new RegExp(source);
  } catch {
    throw refuse(`${source} is not a regular expression`);
  }
  try {
    new RegExp(source, 'l');
  } catch {
    throw refuse(
      `${source} cannot be matched in linear time: look-around, back-references and long counted repetitions are refused, ` +
        'because a client could stop the master with them',
    );
  }
  return (line) => pattern.test(line);
}
