/** `--log-encoder NAME[:LOGGER] ARGUMENT`: what becomes of a line before it is written. */
import { strftime } from '../util/strftime.js';
import { type Parsed, invalid, valid } from './parsed.js';

/** Takes and gives a line without its newline. */
export type EncodeLine = (line: string, now: Date) => string;

export interface LogEncoder {
  /** Only for the logger with this id; undefined: for all. */
  readonly logger: string | undefined;
  readonly encode: EncodeLine;
}

/** Encoders of uWSGI that are not here. */
const REFUSED: Readonly<Record<string, string>> = {
  gzip: 'compress files when they are rotated: a compressed stream that ends in a crash cannot be read',
  compress:
    'compress files when they are rotated: a compressed stream that ends in a crash cannot be read',
  crypto: 'send lines with rsyslog: to a local daemon that encrypts',
};

export function parseEncoder(text: string): Parsed<LogEncoder> {
  const [, head = '', argument = ''] = /^\s*(\S*)\s?(.*)$/s.exec(text) ?? [];
  const colon = head.indexOf(':');
  const name = colon < 0 ? head : head.slice(0, colon);
  const logger = colon < 0 ? undefined : head.slice(colon + 1);
  const encode = encoderNamed(name, argument);
  return encode.ok ? valid({ logger, encode: encode.value }) : encode;
}

function encoderNamed(name: string, argument: string): Parsed<EncodeLine> {
  switch (name) {
    case 'prefix':
      return valid((line) => argument + line);
    case 'suffix':
      return valid((line) => line + argument);
    case 'nl':
      return valid((line) => line);
    case 'format':
      return template(argument, (line) => line);
    case 'json':
      return template(argument, insideJsonString);
  }
  const why = REFUSED[name] ?? 'known are prefix, suffix, nl, format and json';
  return invalid(`cannot be done, there is no encoder ${name}: ${why}`);
}

function insideJsonString(line: string): string {
  return JSON.stringify(line).slice(1, -1);
}

type Piece = (line: string, now: Date) => string;

/** A text with `${variables}`. Milliseconds and microseconds are as exact as the clock of JavaScript. */
function template(text: string, quote: (line: string) => string): Parsed<EncodeLine> {
  if (text === '') return invalid('has no format behind its name');
  const pieces: Piece[] = [];
  for (const piece of text.split(/(\$\{[^}]*\})/)) {
    const parsed = parsePiece(piece, quote);
    if (!parsed.ok) return parsed;
    pieces.push(parsed.value);
  }
  return valid((line, now) => pieces.map((piece) => piece(line, now)).join(''));
}

function parsePiece(piece: string, quote: (line: string) => string): Parsed<Piece> {
  const name = /^\$\{([^}]*)\}$/.exec(piece)?.[1];
  if (name === undefined) return valid(() => piece);
  if (name.startsWith('strftime:')) {
    const format = name.slice('strftime:'.length);
    return valid((_line, now) => quote(strftime(format, now)));
  }
  const variable = VARIABLES[name];
  if (variable === undefined) return invalid(`has a variable that is not there: ${piece}`);
  return valid((line, now) => variable(quote(line), now));
}

const VARIABLES: Readonly<Record<string, Piece>> = {
  msg: (line) => line,
  msgnl: (line) => `${line}\n`,
  unix: (_line, now) => String(Math.floor(now.getTime() / 1000)),
  millis: (_line, now) => String(now.getTime()),
  micros: (_line, now) => String(now.getTime() * 1000),
};
