/** Socket addresses as the command line writes them. Names are resolved later, when the address is bound. */
import { isIPv4, isIPv6 } from 'node:net';
import { type Parsed, invalid, valid } from './parsed.js';

export interface SocketAddress {
  readonly kind: 'tcp';
  /** Host name or numeric address, without brackets. */
  readonly host: string;
  /** 0: the kernel chooses. */
  readonly port: number;
  /** As it was written; log lines use it. */
  readonly text: string;
}

const ACCEPTED = 'host:port, :port or [IPv6]:port';

/** Source of the forms: uWSGI's `--socket`. `:port` is every IPv4 address of the machine, `host:` a free port. */
export function parseAddress(text: string): Parsed<SocketAddress> {
  const misplaced = explainOtherForm(text);
  if (misplaced !== undefined) return invalid(misplaced);
  const bracketed = /^\[([^\]]*)\]:(\d*)$/.exec(text);
  if (bracketed) return bracketedAddress(text, bracketed[1] ?? '', bracketed[2] ?? '');
  const separator = text.lastIndexOf(':');
  if (separator < 0) return invalid(withoutPort(text));
  return plainAddress(text, text.slice(0, separator), text.slice(separator + 1));
}

function explainOtherForm(text: string): string | undefined {
  if (text === '') return `is empty; accepted: ${ACCEPTED}`;
  if (/^[a-z]+:\/\//.test(text)) return `is a URL; accepted: ${ACCEPTED}`;
  if (/^[/.@]|^unix:|\.sock$/.test(text)) {
    return `is a UNIX socket; only TCP addresses are supported: ${ACCEPTED}`;
  }
  if (text.includes(',')) return 'has a comma; repeat the option for every address';
  if (isIPv6(text)) return `has no brackets; write ${withBrackets(text)}`;
  return undefined;
}

/** `::1:8080` is an IPv6 address as it stands, but whoever writes it means the port 8080 of `::1`. */
function withBrackets(text: string): string {
  const [, host, port] = /^(.*):(\d{1,5})$/.exec(text) ?? [];
  return host !== undefined && isIPv6(host) ? `[${host}]:${port ?? ''}` : `[${text}]:port`;
}

function bracketedAddress(text: string, host: string, port: string): Parsed<SocketAddress> {
  if (!isIPv6(host)) return invalid(`has no IPv6 address between its brackets`);
  return withPort(text, host, port);
}

function withoutPort(text: string): string {
  if (/^\d+$/.test(text))
    return `has no colon; write :${text} to listen on that port of every address`;
  return `has no port; write ${text}:port`;
}

function plainAddress(text: string, host: string, port: string): Parsed<SocketAddress> {
  if (host === '' && port === '')
    return invalid(`has neither host nor port; accepted: ${ACCEPTED}`);
  if (host === '') return withPort(text, '0.0.0.0', port);
  if (host.includes('*')) return invalid(`has a wildcard; write :${port} for every address`);
  if (host.includes(':'))
    return invalid('has several colons; an IPv6 address needs brackets: [::1]:8080');
  if (/^[\d.]+$/.test(host) && !isIPv4(host)) return invalid(`has no valid IPv4 address: ${host}`);
  if (!/^[\w.-]+$/.test(host)) return invalid(`has characters that no host name has: ${host}`);
  return withPort(text, host, port);
}

function withPort(text: string, host: string, port: string): Parsed<SocketAddress> {
  if (!/^\d*$/.test(port)) return invalid(`has a port that is not a number: ${port}`);
  const number = Number(port);
  if (number > 65_535) return invalid(`has a port above 65535: ${port}`);
  return valid({ kind: 'tcp', host, port: number, text });
}
