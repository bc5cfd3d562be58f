/** What `--logger` takes: `[ID ]KIND[:ARGUMENT]`. */
import { isAbsolute, resolve } from 'node:path';
import type { NativeAddon } from '../binding/native.js';
import { ConfigError } from '../errors.js';
import {
  DescriptorTarget,
  facilityNumber,
  FileTarget,
  syslogFrame,
  UdpTarget,
  UnixDatagramTarget,
  type LogTarget,
  type RotationOptions,
} from './log-target.js';

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
  readonly addon: Pick<NativeAddon, 'connectDatagram'>;
  /** Relative files are below it. */
  readonly directory: string;
  readonly rotation: RotationOptions;
}

const SYSLOG_SOCKET = '/dev/log';
const SYSLOG_PORT = 514;
const MOST_PORT = 65_535;
const PLAIN = (line: string): string => line;
const USER = 1;
const STANDARD_ERROR = 2;

/** Throws a ConfigError that names the option's text. */
export function openTarget(text: string, context: TargetContext): LogTarget {
  const { kind, argument } = parseLogSpec(text);
  try {
    switch (kind) {
      case 'file':
        return fileTarget(argument, context);
      case 'fd':
        return new DescriptorTarget(wholeNumber(argument, 'a descriptor'));
      case 'stdio':
        return new DescriptorTarget(STANDARD_ERROR);
      case 'socket':
        return socketTarget(argument, context, PLAIN);
      case 'syslog':
        return syslogTarget(argument, context);
      case 'rsyslog':
        return rsyslogTarget(argument, context);
    }
  } catch (error) {
    throw new ConfigError([`--logger ${text}: ${reasonOf(error)}`]);
  }
  throw new ConfigError([
    `--logger ${text}: there is no logger ${kind}; known are file, fd, stdio, socket, syslog and rsyslog`,
  ]);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `PATH`, or `logfile=PATH,maxsize=N,backupname=B` as uWSGI has it. */
function fileTarget(argument: string, { directory, rotation }: TargetContext): LogTarget {
  const keys = argument.includes('=') && argument.startsWith('logfile=') ? keyValues(argument) : {};
  const path = keys['logfile'] ?? argument;
  if (path === '') throw new Error('no file is named');
  const absolute = isAbsolute(path) ? path : resolve(directory, path);
  return new FileTarget(absolute, {
    mode: rotation.mode,
    backupName: keys['backupname'] ?? rotation.backupName,
    maxBytes:
      keys['maxsize'] === undefined ? rotation.maxBytes : wholeNumber(keys['maxsize'], 'maxsize'),
  });
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
  argument: string,
  { addon, directory }: TargetContext,
  frame: (line: string) => string,
): LogTarget {
  const [address, prefix] = splitOnce(argument, ',');
  const framed = prefix === undefined ? frame : (line: string) => `${prefix} ${frame(line)}`;
  const udp = hostAndPort(address);
  if (udp !== undefined) return new UdpTarget(udp.host, udp.port, framed);
  if (address === '') throw new Error('no address is named');
  return new UnixDatagramTarget(resolve(directory, address), addon, framed);
}

function syslogTarget(argument: string, { addon }: TargetContext): LogTarget {
  const [tag, facility] = splitOnce(argument, ',');
  const frame = syslogFrame(tag || 'tsuwsgi-native', facilityOf(facility), false);
  return new UnixDatagramTarget(SYSLOG_SOCKET, addon, frame);
}

/** `HOST[:PORT][,NAME[,FACILITY]]` over UDP, or the path of a UNIX socket. */
function rsyslogTarget(argument: string, context: TargetContext): LogTarget {
  const [address = '', tag, facility] = argument.split(',');
  const frame = syslogFrame(tag || 'tsuwsgi-native', facilityOf(facility), true);
  const udp = hostAndPort(address) ?? hostAndPort(`${address}:${SYSLOG_PORT}`);
  if (address.startsWith('/') || udp === undefined) return socketTarget(address, context, frame);
  return new UdpTarget(udp.host, udp.port, frame);
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
