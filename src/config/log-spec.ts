/** What `--logger` and its relatives take: `[ID ]KIND[:ARGUMENT]`. */
import type { Config } from './config.js';
import { type Parsed, invalid, valid } from './parsed.js';
import { facilityNumber } from './syslog-facility.js';

export interface LogSpec {
  /** As it was given. */
  readonly text: string;
  /** Only lines that are routed to it; undefined: all. */
  readonly id: string | undefined;
  readonly place: LogPlace;
}

export type LogPlace =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly maxBytes?: number | undefined;
      readonly backupName?: string | undefined;
    }
  | { readonly kind: 'fifo'; readonly path: string }
  | { readonly kind: 'descriptor'; readonly fd: number }
  | { readonly kind: 'udp'; readonly host: string; readonly port: number; readonly form: LineForm }
  | { readonly kind: 'unix'; readonly path: string; readonly form: LineForm };

/** What stands in front of each line of a datagram. */
export interface LineForm {
  readonly prefix?: string | undefined;
  readonly syslog?: SyslogForm;
}

interface SyslogForm {
  readonly tag: string;
  readonly facility: number;
  /** For daemons of other machines. */
  readonly withHost: boolean;
}

/** All loggers for general lines: `log-socket` and `log-syslog` are other names for two kinds. */
export function loggersOf({
  logger,
  logSocket,
  logSyslog,
}: Pick<Config, 'logger' | 'logSocket' | 'logSyslog'>): readonly string[] {
  const sockets = logSocket.map(socketSpec);
  const syslog = logSyslog === undefined ? [] : [syslogSpec(logSyslog)];
  return [...logger, ...sockets, ...syslog];
}

function socketSpec(address: string): string {
  return `socket:${address}`;
}

/** uWSGI's flags have values such as `true` in files. */
function syslogSpec(argument: string): string {
  return /^(true|on|yes|1|)$/i.test(argument) ? 'syslog' : `syslog:${argument}`;
}

/** Loggers of uWSGI that are not here, with what to use instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  redislog: 'send lines to a collector such as vector or fluent-bit with socket: or file:',
  mongodblog: 'send lines to a collector such as vector or fluent-bit with socket: or file:',
  zeromq: 'send lines to a collector such as vector or fluent-bit with socket: or file:',
  zmq: 'send lines to a collector such as vector or fluent-bit with socket: or file:',
  graylog2: 'let a collector read log-format = json and send it on as GELF',
  crypto: 'send lines with rsyslog: to a local daemon that encrypts',
  systemd: 'a service of systemd needs no logger: the journal takes standard error',
  pipe: 'let a named pipe (fifo:PATH) be read by that program',
  speech: 'it exists on one desktop system only',
};

function unknownKind(kind: string): string {
  const advice = ELSEWHERE[kind];
  const known = 'known are file, fifo, fd, stdio, socket, syslog and rsyslog';
  return advice === undefined
    ? `is not known: there is no logger ${kind}; ${known}`
    : `is not known: there is no logger ${kind} here: ${advice}`;
}

const SYSLOG_SOCKET = '/dev/log';
const SYSLOG_PORT = 514;
const MOST_PORT = 65_535;
const USER = 1;
const STANDARD_ERROR = 2;

export function parseLogSpec(text: string): Parsed<LogSpec> {
  const named = /^(\S+)\s+(\S.*)$/s.exec(text.trim());
  const [id, rest] =
    named === null || named[1]?.includes(':') === true
      ? [undefined, text.trim()]
      : [named[1], named[2] ?? ''];
  const [kind, argument = ''] = splitOnce(rest, ':');
  const place = parsePlace(kind, argument);
  return place.ok ? valid({ text, id, place: place.value }) : place;
}

export function parseLogSocket(text: string): Parsed<LogSpec> {
  return parseLogSpec(socketSpec(text));
}

export function parseLogSyslog(text: string): Parsed<LogSpec> {
  return parseLogSpec(syslogSpec(text));
}

function parsePlace(kind: string, argument: string): Parsed<LogPlace> {
  switch (kind) {
    case 'file':
      return filePlace(argument);
    case 'fifo':
      return argument === '' ? invalid('names no named pipe') : valid({ kind, path: argument });
    case 'fd':
      return descriptorPlace(argument);
    case 'stdio':
      return valid({ kind: 'descriptor', fd: STANDARD_ERROR });
    case 'socket':
      return socketPlace(argument);
    case 'syslog':
      return syslogPlace(argument);
    case 'rsyslog':
      return rsyslogPlace(argument);
    default:
      return invalid(unknownKind(kind));
  }
}

/** `PATH`, or `logfile=PATH,maxsize=N,backupname=B` as uWSGI has it. */
function filePlace(argument: string): Parsed<LogPlace> {
  const keys = argument.startsWith('logfile=') ? keyValues(argument) : {};
  const { logfile: path = argument, maxsize, backupname: backupName } = keys;
  if (path === '') return invalid('names no file');
  if (maxsize !== undefined && !isWhole(maxsize))
    return invalid('needs a whole number for its maxsize');
  const maxBytes = maxsize === undefined ? undefined : Number(maxsize) || Infinity;
  return valid({ kind: 'file', path, maxBytes, backupName });
}

function descriptorPlace(argument: string): Parsed<LogPlace> {
  if (!isWhole(argument)) return invalid('needs a whole number for its descriptor');
  return valid({ kind: 'descriptor', fd: Number(argument) });
}

function isWhole(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}

function keyValues(text: string): Readonly<Partial<Record<string, string>>> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

/** What follows a comma is put before each line. */
function socketPlace(argument: string): Parsed<LogPlace> {
  const [address, prefix] = splitOnce(argument, ',');
  return datagramPlace(address, { prefix });
}

/** `host:port` is UDP, anything else the path of a UNIX datagram socket. */
function datagramPlace(address: string, form: LineForm): Parsed<LogPlace> {
  const udp = hostAndPort(address);
  if (udp === undefined) return unixPlace(address, form);
  if (udp.port === 0 || udp.port > MOST_PORT) return invalid(`has no valid port: ${udp.port}`);
  return valid({ kind: 'udp', host: udp.host, port: udp.port, form });
}

function unixPlace(path: string, form: LineForm): Parsed<LogPlace> {
  return path === '' ? invalid('names no address') : valid({ kind: 'unix', path, form });
}

function syslogPlace(argument: string): Parsed<LogPlace> {
  const [tag, facility] = splitOnce(argument, ',');
  const syslog = syslogForm(tag, facility, false);
  return syslog.ok ? unixPlace(SYSLOG_SOCKET, { syslog: syslog.value }) : syslog;
}

/** `HOST[:PORT][,NAME[,FACILITY]]` over UDP, or the path of a UNIX socket. */
function rsyslogPlace(argument: string): Parsed<LogPlace> {
  const [address = '', tag = '', facility] = argument.split(',');
  if (address === '') return invalid('names no host');
  const syslog = syslogForm(tag, facility, true);
  if (!syslog.ok) return syslog;
  const withPort = hostAndPort(address) === undefined ? `${address}:${SYSLOG_PORT}` : address;
  const isUdp = !address.startsWith('/') && hostAndPort(withPort) !== undefined;
  return datagramPlace(isUdp ? withPort : address, { syslog: syslog.value });
}

function syslogForm(
  tag: string,
  facilityName: string | undefined,
  withHost: boolean,
): Parsed<SyslogForm> {
  const facility = facilityName === undefined ? USER : facilityNumber(facilityName);
  if (facility === undefined)
    return invalid(`cannot be sent: there is no facility ${facilityName ?? ''}`);
  return valid({ tag: tag || 'tsuwsgi-native', facility, withHost });
}

function hostAndPort(text: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:/[\]]*)):(\d+)$/.exec(text);
  if (match === null) return undefined;
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port: Number(match[3]) };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
