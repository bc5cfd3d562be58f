/** Who listens at an address: each of them binds for itself, so none can be where another is. */
import { parseAddress, type SocketAddress } from './address.js';
import type { Config } from './config.js';
import { givenAddresses, identityOf } from './listen-addresses.js';
import { accepted } from './parsed.js';

interface Use {
  readonly address: SocketAddress;
  readonly purpose: string;
}

/** A sentence about the first address that was given for two purposes. */
export function doubledAddress(config: Config): string | undefined {
  const purposes = new Map<string, string>();
  for (const { address, purpose } of uses(config)) {
    const identity = identityOf(address);
    if (identity === undefined) continue;
    const other = purposes.get(identity) ?? purpose;
    if (other !== purpose)
      return `${address.text} is given for ${other} and for ${purpose}: each needs an address of its own`;
    purposes.set(identity, other);
  }
  return undefined;
}

function uses(config: Config): readonly Use[] {
  return [
    ...givenAddresses(config).map((address) => ({ address, purpose: 'a socket of the workers' })),
    ...config.http.map((address) => ({ address, purpose: 'the router (--http)' })),
    ...accepted(config.stats, parseAddress).map((address) => ({
      address,
      purpose: 'the statistics (--stats)',
    })),
  ];
}
