/** What `--logger` takes: `[ID ]KIND[:ARGUMENT]`. */
import { fstatSync, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { Config } from '../../config/config.js';
import { ConfigError } from '../../errors.js';
import type { DropNotice } from '../../log/line-sink.js';
import { UdpTarget, UnixDatagramTarget } from './log-datagrams.js';
import {
  DescriptorTarget,
  FileTarget,
  type LogTarget,
  type OutputAddon,
  type RotationOptions,
} from './log-target.js';
import { facilityNumber, syslogFrame } from './syslog-frame.js';

export interface LogSpec {
  /** Only lines that are routed to it; undefined: all. */
  readonly id: string | undefined;
  readonly kind: string;
  readonly argument: string;
}

export function parseLogSpec(text: string): LogSpec {
  const named = /^(\S+)\s+(\S.*)$/s.exec(text.trim());
  const [id, rest] =
    named === null || named[1]?.includes(':') === true
      ? [undefined, text.trim()]
      : [named[1], named[2] ?? ''];
  const colon = rest.indexOf(':');
  return colon < 0
    ? { id, kind: rest, argument: '' }
    : { id, kind: rest.slice(0, colon), argument: rest.slice(colon + 1) };
}

export interface TargetContext {
  readonly addon: OutputAddon;
  /** Relative files are below it. */
  readonly directory: string;
  readonly rotation: RotationOptions;
  /** What stands in files where lines are missing; undefined: the usual text. */
  readonly notice?: DropNotice | undefined;
}

/** All loggers for general lines: `log-socket` and `log-syslog` are other names for two kinds. */
export function loggersOf({
  logger,
  logSocket,
  logSyslog,
}: Pick<Config, 'logger' | 'logSocket' | 'logSyslog'>): readonly string[] {
  const sockets = logSocket.map((address) => `socket:${address}`);
  const syslog = logSyslog === undefined ? [] : [syslogSpec(logSyslog)];
  return [...logger, ...sockets, ...syslog];
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
    ? `there is no logger ${kind}; ${known}`
    : `there is no logger ${kind} here: ${advice}`;
}

const SYSLOG_SOCKET = '/dev/log';
const SYSLOG_PORT = 514;
const MOST_PORT = 65_535;
const PLAIN = (line: string): string => line;
const USER = 1;
const FIFO_MODE = 0o640;
const STANDARD_ERROR = 2;

/** Throws a ConfigError that names the option's text. */
export function openTarget(text: string, context: TargetContext): LogTarget {
  const { kind, argument } = parseLogSpec(text);
  try {
    switch (kind) {
      case 'file':
        return fileTarget(text, argument, context);
      case 'fifo':
        return fifoTarget(text, argument, context);
      case 'fd':
        return descriptorTarget(text, wholeNumber(argument, 'a descriptor'), context);
      case 'stdio':
        return descriptorTarget(text, STANDARD_ERROR, context);
      case 'socket':
        return socketTarget(text, argument, context, PLAIN);
      case 'syslog':
        return syslogTarget(text, argument, context);
      case 'rsyslog':
        return rsyslogTarget(text, argument, context);
    }
  } catch (error) {
    throw new ConfigError([`--logger ${text}: ${reasonOf(error)}`]);
  }
  throw new ConfigError([`--logger ${text}: ${unknownKind(kind)}`]);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `PATH`, or `logfile=PATH,maxsize=N,backupname=B` as uWSGI has it. */
function fileTarget(name: string, argument: string, context: TargetContext): LogTarget {
  const { addon, rotation, notice } = context;
  const keys = argument.includes('=') && argument.startsWith('logfile=') ? keyValues(argument) : {};
  const path = keys['logfile'] ?? argument;
  if (path === '') throw new Error('no file is named');
  return new FileTarget(name, absolutePath(path, context), addon, {
    notice,
    mode: rotation.mode,
    backupName: keys['backupname'] ?? rotation.backupName,
    maxBytes:
      keys['maxsize'] === undefined
        ? undefined
        : wholeNumber(keys['maxsize'], 'maxsize') || Infinity,
  });
}

/** A named pipe, which is made where there is none. A reader may come and go: what it does not read in time is lost. */
function fifoTarget(name: string, argument: string, context: TargetContext): LogTarget {
  if (argument === '') throw new Error('no named pipe is named');
  const { addon, rotation, notice } = context;
  const path = absolutePath(argument, context);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) addon.makeFifo(path, rotation.mode ?? FIFO_MODE);
  else if (!found.isFIFO()) throw new Error('it is no named pipe');
  return new FileTarget(name, path, addon, { mode: undefined, backupName: undefined, notice });
}

function absolutePath(path: string, { directory }: TargetContext): string {
  return isAbsolute(path) ? path : resolve(directory, path);
}

function descriptorTarget(name: string, fd: number, { addon, notice }: TargetContext): LogTarget {
  fstatSync(fd); // one that is not open is told now, not by lines that are missing
  return new DescriptorTarget(name, fd, addon, notice);
}

function wholeNumber(text: string, what: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Error(`${what} must be a whole number`);
}

function keyValues(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

/** `host:port` is UDP, anything else the path of a UNIX datagram socket; what follows a comma is put before each line. */
function socketTarget(
  name: string,
  argument: string,
  { addon, directory }: TargetContext,
  frame: (line: string) => string,
): LogTarget {
  const [address, prefix] = splitOnce(argument, ',');
  const framed = prefix === undefined ? frame : (line: string) => `${prefix} ${frame(line)}`;
  const udp = hostAndPort(address);
  if (udp !== undefined) return new UdpTarget(name, udp.host, udp.port, framed);
  if (address === '') throw new Error('no address is named');
  return new UnixDatagramTarget(name, resolve(directory, address), addon, framed);
}

function syslogTarget(name: string, argument: string, { addon }: TargetContext): LogTarget {
  const [tag, facility] = splitOnce(argument, ',');
  const frame = syslogFrame(tag || 'tsuwsgi-native', facilityOf(facility), false);
  return new UnixDatagramTarget(name, SYSLOG_SOCKET, addon, frame);
}

/** `HOST[:PORT][,NAME[,FACILITY]]` over UDP, or the path of a UNIX socket. */
function rsyslogTarget(name: string, argument: string, context: TargetContext): LogTarget {
  const [address = '', tag, facility] = argument.split(',');
  const frame = syslogFrame(tag || 'tsuwsgi-native', facilityOf(facility), true);
  if (address === '') throw new Error('no host is named');
  const udp = hostAndPort(address) ?? hostAndPort(`${address}:${SYSLOG_PORT}`);
  if (address.startsWith('/') || udp === undefined)
    return socketTarget(name, address, context, frame);
  return new UdpTarget(name, udp.host, udp.port, frame);
}

function facilityOf(name: string | undefined): number {
  if (name === undefined) return USER;
  const number = facilityNumber(name);
  if (number === undefined) throw new Error(`there is no facility ${name}`);
  return number;
}

function hostAndPort(text: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:/[\]]*)):(\d+)$/.exec(text);
  if (match === null) return undefined;
  const port = Number(match[3]);
  if (port === 0 || port > MOST_PORT) throw new Error(`there is no port ${match[3] ?? ''}`);
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
