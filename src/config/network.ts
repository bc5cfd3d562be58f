/** Networks as lists of trusted addresses write them. */
import { isIPv4, isIPv6 } from 'node:net';
import { type Parsed, invalid, valid } from './parsed.js';

/** `unix`: whoever connects through a UNIX socket. */
export type Network =
  | { readonly family: 'ipv4' | 'ipv6'; readonly address: string; readonly prefix: number }
  | { readonly family: 'unix' };

const BITS = { ipv4: 32, ipv6: 128 } as const;
const ACCEPTED = 'an address, address/bits, or unix; several with commas between them';

/** One or several, with commas between them. */
export function parseNetworks(text: string): Parsed<readonly Network[]> {
  const networks: Network[] = [];
  for (const part of text.split(',')) {
    const parsed = parseNetwork(part.trim());
    if (!parsed.ok) return parsed;
    networks.push(parsed.value);
  }
  return valid(networks);
}

function parseNetwork(text: string): Parsed<Network> {
  if (text === 'unix') return valid({ family: 'unix' });
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  if (family === undefined) return invalid(`has no network: ${text}; accepted: ${ACCEPTED}`);
  const prefix = bits === undefined ? BITS[family] : Number(bits);
  if (prefix > BITS[family]) return invalid(`has more than ${BITS[family]} bits: ${text}`);
  return valid({ family, address, prefix });
}
