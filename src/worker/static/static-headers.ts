/** Headers of a static file: dates, expiry, ranges, and the compressed file beside it. Pure. */
import type { Config } from '../../config/config.js';
import { accepted } from '../../config/parsed.js';
import { parseExpiry } from '../../config/path-patterns.js';

export type ExpiryOptions = Pick<
  Config,
  | 'staticExpires'
  | 'staticExpiresMtime'
  | 'staticExpiresType'
  | 'staticExpiresTypeMtime'
  | 'staticExpiresUri'
  | 'staticExpiresUriMtime'
  | 'staticExpiresPathInfo'
  | 'staticExpiresPathInfoMtime'
>;

export interface ServedFile {
  readonly path: string;
  readonly uri: string;
  readonly pathInfo: string;
  readonly type: string | undefined;
  readonly mtimeMs: number;
}

type Subject = (file: ServedFile) => string;

interface ExpiryRule {
  readonly matches: (file: ServedFile) => boolean;
  readonly seconds: number;
  /** Counted from the file's modification instead of from now. */
  readonly fromModification: boolean;
}

export function expiryRules(options: ExpiryOptions): readonly ExpiryRule[] {
  const path: Subject = (file) => file.path;
  const uri: Subject = (file) => file.uri;
  const pathInfo: Subject = (file) => file.pathInfo;
  return [
    ...patternRules(options.staticExpires, path, false),
    ...patternRules(options.staticExpiresMtime, path, true),
    ...patternRules(options.staticExpiresUri, uri, false),
    ...patternRules(options.staticExpiresUriMtime, uri, true),
    ...patternRules(options.staticExpiresPathInfo, pathInfo, false),
    ...patternRules(options.staticExpiresPathInfoMtime, pathInfo, true),
    ...typeRules(options.staticExpiresType, false),
    ...typeRules(options.staticExpiresTypeMtime, true),
  ];
}

function patternRules(
  texts: readonly string[],
  subject: Subject,
  fromModification: boolean,
): ExpiryRule[] {
  return accepted(texts, parseExpiry).map(({ pattern, seconds }) => ({
    matches: (file) => pattern.test(subject(file)),
    seconds,
    fromModification,
  }));
}

function typeRules(
  pairs: readonly { readonly name: string; readonly value: string }[],
  fromModification: boolean,
): ExpiryRule[] {
  return pairs.map(({ name, value }) => ({
    matches: (file) => file.type === name,
    seconds: Number.parseInt(value, 10) || 0,
    fromModification,
  }));
}

/** The first rule that fits decides. */
export function expiresAt(
  rules: readonly ExpiryRule[],
  file: ServedFile,
  nowMs: number,
): string | undefined {
  const rule = rules.find(({ matches }) => matches(file));
  if (rule === undefined) return undefined;
  const from = rule.fromModification ? file.mtimeMs : nowMs;
  return new Date(from + rule.seconds * 1000).toUTCString();
}

/** Whether the client's copy is as new as the file (RFC 9110 section 13.1.3; whole seconds). */
export function notModified(since: string | undefined, mtimeMs: number): boolean {
  if (since === undefined) return false;
  const known = Date.parse(since);
  return !Number.isNaN(known) && Math.floor(mtimeMs / 1000) * 1000 <= known;
}

export interface ByteRange {
  readonly start: number;
  /** Behind the last byte. */
  readonly end: number;
}

/**
 * The one range that `Range` asks for (RFC 9110 section 14.2); undefined where the whole file is to be sent, which is
 * also the answer to several ranges.
 */
export function parseRange(
  text: string | undefined,
  size: number,
): ByteRange | 'impossible' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text?.trim() ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  if (match[1] === '') {
    const length = Math.min(Number(match[2]), size);
    return length === 0 ? 'impossible' : { start: size - length, end: size };
  }
  const start = Number(match[1]);
  const end = match[2] === '' ? size : Math.min(Number(match[2]) + 1, size);
  if (match[2] !== '' && Number(match[2]) < start) return undefined;
  return start >= size ? 'impossible' : { start, end };
}

/** Whether `If-Range` lets the range count: the date must be the file's own. */
export function rangeCounts(ifRange: string | undefined, mtimeMs: number): boolean {
  return ifRange === undefined || Date.parse(ifRange) === Math.floor(mtimeMs / 1000) * 1000;
}

/** Content codings that the client takes and that files may be kept in, best first. */
export function acceptedCodings(acceptEncoding: string | undefined): readonly ('br' | 'gzip')[] {
  const accepted = (acceptEncoding ?? '')
    .split(',')
    .map((item) => /^\s*([\w*-]+)\s*(?:;\s*q=([\d.]+))?\s*$/.exec(item))
    .filter((match) => match !== null && (match[2] === undefined || Number(match[2]) > 0))
    .map((match) => match?.[1]?.toLowerCase());
  return (['br', 'gzip'] as const).filter((coding) => accepted.includes(coding));
}
