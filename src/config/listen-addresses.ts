/** The addresses that workers accept from, of whichever option, each with the protocol that is spoken there. */
import type { Protocol } from '../binding/native.js';
import type { SocketAddress } from './address.js';
import type { Config } from './config.js';

export type ListenAddress = SocketAddress & { readonly protocol: Protocol };

/** The options that add an address. */
export const SOCKET_OPTION_NAMES = ['socket', 'uwsgi-socket', 'http-socket'] as const;

/** An address, and which option named it. */
export interface GivenAddress {
  readonly option: (typeof SOCKET_OPTION_NAMES)[number];
  readonly address: ListenAddress;
}

type SocketSettings = Pick<
  Config,
  'socket' | 'uwsgiSocket' | 'httpSocket' | 'protocol' | 'abstractSocket'
>;

/** Each place once. uWSGI numbers its sockets in the order of the options; here those of one option stay together. */
export function listenAddresses(config: SocketSettings): ListenAddress[] {
  const seen = new Set<string>();
  const all = givenAddresses(config).map(({ address }) => address);
  return all.filter((address) => {
    const identity = identityOf(address);
    if (identity === undefined) return true;
    const first = !seen.has(identity);
    seen.add(identity);
    return first;
  });
}

/** Also those that two options name. */
export function givenAddresses(config: SocketSettings): GivenAddress[] {
  const speaking = (
    option: GivenAddress['option'],
    protocol: Protocol,
    addresses: readonly SocketAddress[],
  ): GivenAddress[] =>
    addresses.map((address) => ({
      option,
      address: { ...abstractWhere(config.abstractSocket, address), protocol },
    }));
  return [
    ...speaking('socket', config.protocol, config.socket),
    ...speaking('uwsgi-socket', 'uwsgi', config.uwsgiSocket),
    ...speaking('http-socket', 'http', config.httpSocket),
  ];
}

function abstractWhere(wanted: boolean, address: SocketAddress): SocketAddress {
  return wanted && address.kind === 'unix' ? { ...address, abstractName: true } : address;
}

/** The same text for the same place to bind; undefined where each use is a place of its own (port 0). */
export function identityOf(address: SocketAddress): string | undefined {
  switch (address.kind) {
    case 'tcp':
      return address.port === 0 ? undefined : `${address.host} ${address.port}`;
    case 'unix':
      return `${address.abstractName ? '@' : ''}${address.name}`;
    case 'fd':
      return `fd ${address.fd}`;
  }
}
