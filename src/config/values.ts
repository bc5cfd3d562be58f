/** Text to value, one parser per kind of option. */
import { parseAddress, type SocketAddress } from './address.js';
import type { EnvironmentPair } from './config.js';
import type { ChoiceRow, OptionRow, TextListRow, TextRow } from './option-row.js';
import { type Parsed, invalid, valid } from './parsed.js';

/** `auto` stands only in values of the kind `count`, and only until resolve.ts replaces it. */
export type SingleValue = boolean | number | string | SocketAddress | EnvironmentPair;

const TRUE_WORDS: ReadonlySet<string> = new Set(['true', 'on', 'yes', '1']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['false', 'off', 'no', '0']);
const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Reads one value of the option; for lists: one element. */
export function parseValue(row: OptionRow, text: string): Parsed<SingleValue> {
  switch (row.kind) {
    case 'flag':
      return parseFlag(text);
    case 'integer':
      return inRange(row, parseInteger(text), acceptedNumber(row));
    case 'count':
      return text === 'auto'
        ? valid(text)
        : inRange(row, parseInteger(text), `auto or ${acceptedNumber(row)}`);
    case 'seconds':
      return inRange(row, parseSeconds(text), `seconds, ${acceptedNumber(row)}`);
    case 'size':
      return inRange(row, parseSize(text), acceptedSize(row));
    case 'octal':
      return parseOctal(text);
    case 'choice':
      return row.choices.includes(text) || row.orMatching?.pattern.test(text) === true
        ? valid(text)
        : invalid(`is unknown; accepted: ${choiceWords(row).join(', ')}`);
    case 'text':
    case 'texts':
      return parseText(row, text);
    case 'addresses':
      return parseAddress(text);
    case 'pairs':
      return parsePair(text);
  }
}

function parseText({ value, rule }: TextRow | TextListRow, text: string): Parsed<string> {
  if (text === '') return invalid(`is empty; accepted: ${value}`);
  const parsed = rule?.(text);
  return parsed?.ok === false ? parsed : valid(text);
}

export function choiceWords({ choices, orMatching }: ChoiceRow): readonly string[] {
  return orMatching === undefined ? choices : [...choices, orMatching.label];
}

/** Whether the text says true or false beyond doubt. */
export function isTruthWord(text: string): boolean {
  return TRUE_WORDS.has(text.toLowerCase()) || FALSE_WORDS.has(text.toLowerCase());
}

/** uWSGI takes every word but the false ones for true; a word that is neither is more likely a mistake. */
function parseFlag(text: string): Parsed<boolean> {
  const word = text.toLowerCase();
  if (TRUE_WORDS.has(word)) return valid(true);
  if (FALSE_WORDS.has(word)) return valid(false);
  return invalid('is neither true nor false; accepted: true, on, yes, 1, false, off, no, 0');
}

function parseInteger(text: string): Parsed<number> {
  return /^[+-]?\d+$/.test(text) ? valid(Number(text)) : invalid('is not a whole number');
}

function parseSeconds(text: string): Parsed<number> {
  if (/^\d+(\.\d+)?\s*[a-z]+$/i.test(text)) return invalid('has a unit; times are plain seconds');
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? valid(Number(text)) : invalid('is not a number');
}

function parseSize(text: string): Parsed<number> {
  const match = /^([+-]?\d+)\s*(?:([kmg])(?:i?b)?)?$/i.exec(text);
  if (!match) return invalid('is not a number of bytes');
  const unit = SIZE_UNITS[(match[2] ?? '').toLowerCase()] ?? 1;
  return valid(Number(match[1]) * unit);
}

function parseOctal(text: string): Parsed<number> {
  if (/^0?[0-7]{3}$/.test(text)) return valid(Number.parseInt(text, 8));
  return invalid('is not a mode; accepted: three octal digits such as 022');
}

function parsePair(text: string): Parsed<EnvironmentPair> {
  const separator = text.indexOf('=');
  if (separator <= 0) return invalid('is not of the form NAME=VALUE');
  return valid({ name: text.slice(0, separator), value: text.slice(separator + 1) });
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function inRange(range: Range, parsed: Parsed<number>, accepted: string): Parsed<number> {
  if (!parsed.ok) return invalid(`${parsed.reason}; accepted: ${accepted}`);
  if (parsed.value < range.min) return invalid(`is too small; accepted: ${accepted}`);
  if (parsed.value > range.max) return invalid(`is too large; accepted: ${accepted}`);
  return parsed;
}

function acceptedNumber(range: Range): string {
  return range.max === Number.MAX_SAFE_INTEGER
    ? `${range.min} or more`
    : `${range.min} to ${range.max}`;
}

function acceptedSize(range: Range): string {
  const upper = range.max === Number.MAX_SAFE_INTEGER ? 'or more' : `to ${formatSize(range.max)}`;
  return `bytes, ${formatSize(range.min)} ${upper} (suffixes k, m, g)`;
}

/** With the largest unit that divides it. */
export function formatSize(bytes: number): string {
  const units = Object.entries(SIZE_UNITS).reverse();
  const unit = units.find(([, factor]) => bytes >= factor && bytes % factor === 0);
  return unit === undefined ? String(bytes) : `${bytes / unit[1]}${unit[0]}`;
}
