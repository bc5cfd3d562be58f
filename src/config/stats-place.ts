/** Where the statistics are to be had, as `--stats` writes it. */
import { parseAddress } from './address.js';
import { type Parsed, invalid, valid } from './parsed.js';

export type StatsPlace =
  | { readonly host: string; readonly port: number }
  | { readonly file: string }
  | { readonly abstractName: string };

export function parseStatsPlace(text: string): Parsed<StatsPlace> {
  const parsed = parseAddress(text);
  if (!parsed.ok) return parsed;
  const address = parsed.value;
  switch (address.kind) {
    case 'tcp':
      return valid({ host: address.host, port: address.port });
    case 'unix':
      return valid(address.abstractName ? { abstractName: address.name } : { file: address.name });
    case 'fd':
      return invalid('is a descriptor; name an address');
  }
}
