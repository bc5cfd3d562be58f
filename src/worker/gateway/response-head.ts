import { STATUS_CODES } from 'node:http';
import { GatewayError } from '../../app/errors.js';
import type { Header } from '../../app/types.js';
import { UNDECLARED } from './outbox.js';

/** A response head, checked and encoded: what RESPOND, BEGIN and DEFINE_HEAD carry. */
export interface ResponseHead {
  readonly code: number;
  /** Operation flags (HAS_DATE, CLOSE). */
  readonly flags: number;
  /** `reason CRLF *(field-line CRLF)`, without Content-Length and Connection. */
  readonly bytes: Uint8Array;
  /** Field lines in `bytes`, for the log. */
  readonly fields: number;
  /** The core's number for this head; 0: it has none, and the head goes in full. */
  readonly id: number;
}

export interface HeadFlags {
  readonly HAS_DATE: number;
  readonly CLOSE: number;
}

/** The outcome of checking what the application passed to `startResponse`. */
export interface CheckedHead {
  readonly code: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
  readonly fields: number;
  readonly declared: number;
  /** Index of the Content-Length header, -1 without one. */
  readonly lengthIndex: number;
}

/** Final statuses; the reason may be left out, as uWSGI allows. */
const STATUS = /^([2-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const LENGTH = /^\d{1,15}$/;

/**
 * Connection-level fields belong to the server (PEP 3333, "Other HTTP Features"; RFC 9110 section
 * 7.6.1).
 */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
]);

/** Checks and encodes a head; throws a GatewayError that says which part is wrong. */
export function checkHead(
  status: unknown,
  headers: readonly Header[],
  flag: HeadFlags,
): CheckedHead {
  const { code, reason } = parseStatus(status);
  if (!Array.isArray(headers)) {
    throw new GatewayError(
      'ERR_TSUWSGI_HEADER',
      `startResponse needs an array of [name, value] pairs, not ${describe(headers)}`,
    );
  }
  const lines = [reason];
  let flags = 0;
  let declared = UNDECLARED;
  let lengthIndex = -1;
  for (const [index, header] of (headers as readonly Header[]).entries()) {
    const name = checkPair(header);
    if (name === 'content-length') {
      if (lengthIndex >= 0) {
        throw new GatewayError('ERR_TSUWSGI_HEADER', 'Content-Length is given twice');
      }
      declared = parseLength(header[1]);
      lengthIndex = index;
    } else if (HOP_BY_HOP.has(name)) {
      flags |= connectionFlag(name, header, flag);
    } else {
      if (name === 'date') flags |= flag.HAS_DATE;
      lines.push(`${header[0]}: ${header[1]}`);
    }
  }
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1');
  return { code, flags, bytes, fields: lines.length - 1, declared, lengthIndex };
}

/** The length that a Content-Length value declares. */
export function parseLength(value: string): number {
  if (LENGTH.test(value)) return Number(value);
  throw new GatewayError(
    'ERR_TSUWSGI_HEADER',
    `Content-Length is not a number of bytes: ${quote(value)}`,
  );
}

function parseStatus(status: unknown): { code: number; reason: string } {
  if (typeof status !== 'string') {
    throw new GatewayError(
      'ERR_TSUWSGI_STATUS',
      `the status must be a string such as '200 OK', not ${describe(status)}`,
    );
  }
  const match = STATUS.exec(status);
  if (match === null) {
    throw new GatewayError(
      'ERR_TSUWSGI_STATUS',
      `not a status line such as '200 OK': ${quote(status)}`,
    );
  }
  const code = Number(match[1]);
  return { code, reason: match[2] ?? STATUS_CODES[code] ?? 'Unknown' };
}

/** Returns the field name in lower case. */
function checkPair(header: unknown): string {
  if (!Array.isArray(header) || header.length !== 2) {
    throw new GatewayError(
      'ERR_TSUWSGI_HEADER',
      `a header must be a [name, value] pair, not ${describe(header)}`,
    );
  }
  const [name, value] = header as unknown[];
  if (typeof name !== 'string' || typeof value !== 'string') {
    throw new GatewayError(
      'ERR_TSUWSGI_HEADER',
      `header names and values must be strings: ${describe(name)}: ${describe(value)}`,
    );
  }
  if (!TOKEN.test(name)) {
    throw new GatewayError('ERR_TSUWSGI_HEADER', `not a header name: ${quote(name)}`);
  }
  if (!FIELD_VALUE.test(value)) {
    throw new GatewayError(
      'ERR_TSUWSGI_HEADER',
      `the value of ${name} has control characters or characters above U+00FF: ${quote(value)}`,
    );
  }
  return name.toLowerCase();
}

function connectionFlag(name: string, header: Header, flag: HeadFlags): number {
  if (name === 'connection' && header[1].trim().toLowerCase() === 'close') return flag.CLOSE;
  throw new GatewayError(
    'ERR_TSUWSGI_HEADER',
    `${header[0]} belongs to the server; an application may only set 'Connection: close'`,
  );
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function className(value: object): string {
  const { constructor } = value as { constructor?: unknown };
  return typeof constructor === 'function' ? constructor.name : 'no prototype';
}

/** What a value is, for messages. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'object') return `an object (${className(value)})`;
  return `a ${typeof value}`;
}
