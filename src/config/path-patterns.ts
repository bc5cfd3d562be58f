/** Regular expressions in the options of static files. */
import { type Parsed, invalid, valid } from './parsed.js';

export function parsePattern(text: string): Parsed<RegExp> {
  try {
    return valid(new RegExp(text));
  } catch {
    return invalid('is not a regular expression of JavaScript');
  }
}

interface Expiry {
  readonly pattern: RegExp;
  readonly seconds: number;
}

/** `REGEX SECONDS` */
export function parseExpiry(text: string): Parsed<Expiry> {
  const match = /^(\S+)\s+(\d+)$/.exec(text.trim());
  if (match === null) return invalid('is not of the form REGEX SECONDS');
  const pattern = parsePattern(match[1] ?? '');
  return pattern.ok ? valid({ pattern: pattern.value, seconds: Number(match[2]) }) : pattern;
}
