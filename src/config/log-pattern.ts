/**
 * Regular expressions over lines of the log. Clients decide what stands in those lines, and matching runs in the master:
 * an expression that takes time beyond measure on some line would stop it. So only expressions are taken that can be
 * matched in time proportional to the line, and V8 is told to do so once trying alternatives has taken long.
 */
import { setFlagsFromString } from 'node:v8';
import { type Parsed, invalid, valid } from './parsed.js';

export type LinePattern = (line: string) => boolean;

let linear = false;

function useLinearEngine(): void {
  if (linear) return;
  linear = true;
  setFlagsFromString('--enable-experimental-regexp-engine');
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
}

export function parseLinePattern(source: string): Parsed<LinePattern> {
  useLinearEngine();
  let pattern: RegExp;
  try {
    pattern = new RegExp(source);
  } catch {
    return invalid('is not a regular expression of JavaScript');
  }
  try {
    new RegExp(source, 'l');
  } catch {
    return invalid(
      'cannot be matched in linear time: look-around, back-references and long counted repetitions are refused, ' +
        'because a client could stop the master with them',
    );
  }
  return valid((line) => pattern.test(line));
}

/** Which lines go to the logger with this ID. */
interface LogRoute {
  readonly id: string;
  readonly matches: LinePattern;
}

/** `ID REGEX` */
export function parseLogRoute(text: string): Parsed<LogRoute> {
  const match = /^(\S+)\s+(.+)$/s.exec(text.trim());
  if (match === null) return invalid('is not of the form ID REGEX');
  const [, id = '', source = ''] = match;
  const pattern = parseLinePattern(source);
  return pattern.ok ? valid({ id, matches: pattern.value }) : pattern;
}
