/** The final configuration. Its type is derived from the option table, so an option cannot be missing here. */
import type { SocketAddress } from './address.js';
import type { Option, OptionName } from './options.js';

/** A `NAME=VALUE` of `--env`. */
export interface EnvironmentPair {
  readonly name: string;
  readonly value: string;
}

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

interface ValueOfKind {
  flag: boolean;
  integer: number;
  count: number;
  seconds: number;
  size: number;
  octal: number;
  text: string;
  choice: string;
  addresses: readonly SocketAddress[];
  texts: readonly string[];
  pairs: readonly EnvironmentPair[];
}

/** Scalars without a default may be unset. */
type MaybeUnset<Row> = Row extends { readonly kind: 'addresses' | 'texts' | 'pairs' }
  ? never
  : Row extends { readonly default: string }
    ? never
    : undefined;

export type OptionValue<Row extends Option> = Row extends { readonly orMatching: object }
  ? string
  : Row extends {
        readonly kind: 'choice';
        readonly choices: readonly (infer Choice)[];
      }
    ? Choice
    : ValueOfKind[Row['kind']] | MaybeUnset<Row>;

/** The property of `Config` that holds the option. */
export type PropertyName<Name extends OptionName = OptionName> = CamelCase<Name>;

/**
 * One property per option, frozen and plain data: it crosses process boundaries as JSON.
 * Times are in seconds (fractions allowed), sizes in bytes.
 */
export type Config = {
  readonly [Row in Option as CamelCase<Row['name']>]: OptionValue<Row>;
};

/** `http-socket` → `httpSocket`. */
export function propertyName<Name extends OptionName>(name: Name): PropertyName<Name> {
  const camelCase = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return camelCase as PropertyName<Name>;
}
