/** Names of clients and proxies, as lists of them have them: RFC 7239 section 6, and what is usual in X-Forwarded-For. */
import { isIPv4, isIPv6 } from 'node:net';

const WITH_PORT = /^(?:\[([^\]]*)\]|([^:]*))(:(?:\d{1,5}|_[\w.-]+))?$/;
const OBFUSCATED = /^_[\w.-]+$/;

interface Node {
  /** Numeric, without brackets. */
  readonly address: string;
  /** With its colon; mostly empty. */
  readonly port: string;
}

function parse(name: string): Node | undefined {
  if (isIPv6(name)) return { address: name, port: '' };
  const [, bracketed, plain, port = ''] = WITH_PORT.exec(name) ?? [];
  if (bracketed !== undefined && isIPv6(bracketed)) return { address: bracketed, port };
  return plain !== undefined && isIPv4(plain) ? { address: plain, port } : undefined;
}

/** The numeric address in a name; undefined for one that hides it, or is none. */
export function nodeAddress(name: string): string | undefined {
  return parse(name)?.address;
}

/** As RFC 7239 writes it, before quotes: IPv6 in brackets; who cannot be told from the name is unknown. */
export function nodeIdentifier(name: string): string {
  const node = parse(name);
  if (node === undefined) return OBFUSCATED.test(name) ? name : 'unknown';
  const { address, port } = node;
  return `${address.includes(':') ? `[${address}]` : address}${port}`;
}
