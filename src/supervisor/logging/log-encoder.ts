/** `--log-encoder NAME[:LOGGER] ARGUMENT`: what becomes of a line before it is written. */
import { ConfigError } from '../../errors.js';
import { strftime } from '../../log/strftime.js';

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

/** Throws a ConfigError that names the option and its text. */
export function parseEncoder(text: string, option: string): LogEncoder {
  const [, head = '', argument = ''] = /^\s*(\S*)\s?(.*)$/s.exec(text) ?? [];
  const colon = head.indexOf(':');
  const name = colon < 0 ? head : head.slice(0, colon);
  const logger = colon < 0 ? undefined : head.slice(colon + 1);
  return { logger, encode: encoderNamed(name, argument, `--${option} ${text}`) };
}

function encoderNamed(name: string, argument: string, given: string): EncodeLine {
  switch (name) {
    case 'prefix':
      return (line) => argument + line;
    case 'suffix':
      return (line) => line + argument;
    case 'nl':
      return (line) => line;
    case 'format':
      return template(argument, given, (line) => line);
    case 'json':
      return template(argument, given, insideJsonString);
  }
  const why = REFUSED[name] ?? 'known are prefix, suffix, nl, format and json';
  throw new ConfigError([`${given}: there is no encoder ${name}: ${why}`]);
}

function insideJsonString(line: string): string {
  return JSON.stringify(line).slice(1, -1);
}

type Piece = (line: string, now: Date) => string;

/** A text with `${variables}`. Milliseconds and microseconds are as exact as the clock of JavaScript. */
function template(text: string, given: string, quote: (line: string) => string): EncodeLine {
  if (text === '') throw new ConfigError([`${given}: no format is given`]);
  const pieces = text.split(/(\$\{[^}]*\})/).map((piece) => parsePiece(piece, given, quote));
  return (line, now) => pieces.map((piece) => piece(line, now)).join('');
}

function parsePiece(piece: string, given: string, quote: (line: string) => string): Piece {
  const name = /^\$\{([^}]*)\}$/.exec(piece)?.[1];
  if (name === undefined) return () => piece;
  if (name.startsWith('strftime:')) {
    const format = name.slice('strftime:'.length);
    return (_line, now) => quote(strftime(format, now));
  }
  const variable = VARIABLES[name];
  if (variable === undefined) throw new ConfigError([`${given}: there is no variable ${piece}`]);
  return (line, now) => variable(quote(line), now);
}

const VARIABLES: Readonly<Record<string, Piece>> = {
  msg: (line) => line,
  msgnl: (line) => `${line}\n`,
  unix: (_line, now) => String(Math.floor(now.getTime() / 1000)),
  millis: (_line, now) => String(now.getTime()),
  micros: (_line, now) => String(now.getTime() * 1000),
};

/** What every line of a logger goes through; undefined: nothing. */
export function encodersFor(
  encoders: readonly LogEncoder[],
  id: string | undefined,
): EncodeLine | undefined {
  const general = encoders.filter(({ logger }) => logger === undefined);
  const own = encoders.filter(({ logger }) => logger !== undefined && logger === id);
  const chain = [...general, ...own].map(({ encode }) => encode);
  if (chain.length === 0) return undefined;
  return (line, now) => chain.reduce((text, encode) => encode(text, now), line);
}

/** Whole lines in, whole lines out: however a line was encoded, it ends with one newline. */
export function encodeLines(lines: string, encode: EncodeLine): string {
  const now = new Date();
  let all = '';
  for (const line of lines.split('\n'))
    if (line !== '') all += `${encode(line, now).replace(/\n+$/, '')}\n`;
  return all;
}
