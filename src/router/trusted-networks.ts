/** Clients whose `X-Forwarded-*` and `Forwarded` are believed (`--http-trusted`). */
import { BlockList, isIPv6 } from 'node:net';
import type { Network } from '../config/network.js';

export class TrustedNetworks {
  readonly #list = new BlockList();
  readonly #local: boolean;

  constructor(networks: readonly Network[]) {
    for (const network of networks) {
      if (network.family !== 'unix') {
        this.#list.addSubnet(network.address, network.prefix, network.family);
      }
    }
    this.#local = networks.some(({ family }) => family === 'unix');
  }

  /** `address` is numeric, empty for a client on a UNIX socket. */
  has(address: string): boolean {
    if (address === '') return this.#local;
    return this.#list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }
}
