/** Socket addresses as the command line writes them. Names are resolved later, when the address is bound. */
import { isIPv4, isIPv6 } from 'node:net';
import { type Parsed, invalid, valid } from './parsed.js';

export interface TcpAddress {
  readonly kind: 'tcp';
  /** Host name or numeric address, without brackets. */
  readonly host: string;
  /** 0: the kernel chooses. */
  readonly port: number;
  /** As it was written; log lines use it. */
  readonly text: string;
}

export interface UnixAddress {
  readonly kind: 'unix';
  /** A path, or the name in Linux's abstract name space, which has no file. */
  readonly name: string;
  readonly abstractName: boolean;
  readonly text: string;
}

/** A listening socket that whoever started the server left open for it. */
export interface FdAddress {
  readonly kind: 'fd';
  readonly fd: number;
  readonly text: string;
}

export type SocketAddress = TcpAddress | UnixAddress | FdAddress;

const ACCEPTED = 'host:port, :port, [IPv6]:port, a path or @name';

/** Room in the kernel's `sockaddr_un`, without the byte that marks the name's end or an abstract name. */
const MOST_UNIX_BYTES = 107;

/**
 * Source of the forms: uWSGI's `--socket`. `:port` and `*:port` are every IPv4 address of the machine, `host:` a free port.
 * What has no colon is a path, and so is what begins like one.
 */
export function parseAddress(text: string): Parsed<SocketAddress> {
  const fd = /^fd:\/\/(\d+)$/.exec(text)?.[1];
  if (fd !== undefined) return valid({ kind: 'fd', fd: Number(fd), text });
  const misplaced = explainOtherForm(text);
  if (misplaced !== undefined) return invalid(misplaced);
  if (text.startsWith('@')) return unixAddress(text, text.slice(1), true);
  if (text.startsWith('\\0')) return unixAddress(text, text.slice(2), true);
  if (text.startsWith('unix:')) return unixScheme(text, text.slice(5));
  if (/^\.{0,2}\//.test(text)) return unixAddress(text, text, false);
  return text.includes(':') ? tcpAddress(text) : pathWithoutSlash(text);
}

function explainOtherForm(text: string): string | undefined {
  if (text === '') return `is empty; accepted: ${ACCEPTED}`;
  if (/^=\d+$/.test(text)) return 'names a shared socket; write its address in its place';
  if (/^[a-z]+:\/\//.test(text)) return `is a URL; accepted: ${ACCEPTED}`;
  if (/[\0\n\r]/.test(text)) return 'has a control character';
  if (/^[^/]*:\d*,/.test(text)) return 'has a comma; repeat the option for every address';
  if (isIPv6(text)) return `has no brackets; write ${withBrackets(text)}`;
  return undefined;
}

/** `::1:8080` is an IPv6 address as it stands, but whoever writes it means the port 8080 of `::1`. */
function withBrackets(text: string): string {
  const [, host, port] = /^(.*):(\d{1,5})$/.exec(text) ?? [];
  return host !== undefined && isIPv6(host) ? `[${host}]:${port ?? ''}` : `[${text}]:port`;
}

/** nginx's spelling. */
function unixScheme(text: string, rest: string): Parsed<SocketAddress> {
  return rest.startsWith('@')
    ? unixAddress(text, rest.slice(1), true)
    : unixAddress(text, rest, false);
}

function pathWithoutSlash(text: string): Parsed<SocketAddress> {
  if (/^\d+$/.test(text)) return invalid(`has no colon; write :${text} for that port`);
  if (text === 'localhost' || text === '*' || isIPv4(text))
    return invalid(`has no port; write ${text}:port`);
  return unixAddress(text, text, false);
}

function unixAddress(text: string, name: string, abstractName: boolean): Parsed<SocketAddress> {
  if (name === '') return invalid('has no name');
  if (!abstractName && name.endsWith('/')) return invalid('is a directory; name a file in it');
  const bytes = Buffer.byteLength(name);
  if (bytes > MOST_UNIX_BYTES)
    return invalid(
      `is too long for a UNIX socket: ${bytes} bytes, at most ${MOST_UNIX_BYTES}; ` +
        'choose a shorter path, for example below /run',
    );
  return valid({ kind: 'unix', name, abstractName, text });
}

function tcpAddress(text: string): Parsed<SocketAddress> {
  const bracketed = /^\[([^\]]*)\]:(\d*)$/.exec(text);
  if (bracketed) return bracketedAddress(text, bracketed[1] ?? '', bracketed[2] ?? '');
  const separator = text.lastIndexOf(':');
  return plainAddress(text, text.slice(0, separator), text.slice(separator + 1));
}

function bracketedAddress(text: string, host: string, port: string): Parsed<SocketAddress> {
  if (!isIPv6(host)) return invalid(`has no IPv6 address between its brackets`);
  return withPort(text, host, port);
}

function plainAddress(text: string, host: string, port: string): Parsed<SocketAddress> {
  if (host === '' && port === '')
    return invalid(`has neither host nor port; accepted: ${ACCEPTED}`);
  if (host === '' || host === '*') return withPort(text, '0.0.0.0', port);
  if (host.includes('*')) return invalid(`has a wildcard; write :${port} for every address`);
  if (host.includes(':'))
    return invalid('has several colons; an IPv6 address needs brackets: [::1]:8080');
  if (/^[\d.]+$/.test(host) && !isIPv4(host)) return invalid(`has no valid IPv4 address: ${host}`);
  if (!/^[\w.-]+$/.test(host))
    return invalid(
      `has characters that no host name has: ${host} (a path with a colon begins with / or ./)`,
    );
  return withPort(text, host, port);
}

function withPort(text: string, host: string, port: string): Parsed<SocketAddress> {
  if (!/^\d*$/.test(port)) return invalid(`has a port that is not a number: ${port}`);
  const number = Number(port);
  if (number > 65_535) return invalid(`has a port above 65535: ${port}`);
  return valid({ kind: 'tcp', host, port: number, text });
}
