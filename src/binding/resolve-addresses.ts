import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { SocketAddress, TcpAddress } from '../config/address.js';
import { ListenError } from '../errors.js';

/** Numeric addresses of a host name, in the resolver's order. */
export type LookUp = (host: string) => Promise<readonly { address: string; family: number }[]>;

const lookUpAll: LookUp = (host) => lookup(host, { all: true, verbatim: true });

/**
 * A name stands for one address, IPv4 where there is one: that is where uWSGI binds, and where front servers that are
 * configured with the same name look first.
 */
async function resolveHost(address: TcpAddress, lookUp: LookUp): Promise<string> {
  try {
    const found = await lookUp(address.host);
    const chosen = found.find(({ family }) => family === 4) ?? found[0];
    if (chosen !== undefined) return chosen.address;
    throw new Error('no address');
  } catch (cause) {
    throw new ListenError(
      `the host name of ${address.text} cannot be resolved: check its spelling and /etc/hosts, ` +
        'or give a numeric address',
      { cause },
    );
  }
}

/** Replaces host names by numeric addresses; `text` stays as it was written. Throws ListenError. */
export async function resolveAddresses<Address extends SocketAddress>(
  addresses: readonly Address[],
  lookUp: LookUp = lookUpAll,
): Promise<Address[]> {
  return Promise.all(
    addresses.map(async (address) => {
      if (address.kind !== 'tcp' || isIP(address.host) !== 0) return address;
      return { ...address, host: await resolveHost(address, lookUp) };
    }),
  );
}
