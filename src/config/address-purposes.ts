/** Who listens at an address: each of them binds for itself, so none can be where another is. */
import { parseAddress, type SocketAddress } from './address.js';
import type { Config } from './config.js';
import { givenAddresses, identityOf } from './listen-addresses.js';
import type { OptionName } from './options.js';
import { accepted } from './parsed.js';

interface Use {
  readonly option: OptionName;
  readonly address: SocketAddress;
  readonly purpose: string;
}

/** The first address that was given for a second purpose: by which option, and a sentence about it. */
export interface DoubledAddress {
  readonly option: OptionName;
  readonly text: string;
  readonly problem: string;
}

export function doubledAddress(config: Config): DoubledAddress | undefined {
  const purposes = new Map<string, string>();
  for (const { option, address, purpose } of uses(config)) {
    const identity = identityOf(address);
    if (identity === undefined) continue;
    const other = purposes.get(identity) ?? purpose;
    if (other !== purpose) {
      const problem = `the address is given for ${other} and for ${purpose}: each needs one of its own`;
      return { option, text: address.text, problem };
    }
    purposes.set(identity, other);
  }
  return undefined;
}

function uses(config: Config): readonly Use[] {
  return [
    ...givenAddresses(config).map((given) => ({ ...given, purpose: 'a socket of the workers' })),
    ...config.http.map((address) => ({
      option: 'http' as const,
      address,
      purpose: 'the router (--http)',
    })),
    ...accepted(config.stats, parseAddress).map((address) => ({
      option: 'stats' as const,
      address,
      purpose: 'the statistics (--stats)',
    })),
  ];
}
