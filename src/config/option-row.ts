/** What one row of the option table may say. The rows themselves are in options/, a file a section. */

import type { Parsed } from './parsed.js';

/** The process environment as a configuration source. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface RowBase {
  /** Long name, without the dashes. The property of `Config` is its camelCase form. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One letter, used with a single dash. */
  readonly short?: string;
  /** Who obeys it. */
  readonly scope: 'cli' | 'supervisor' | 'worker' | 'router' | 'native' | 'all';
  /** Whether a reload may change it; what may not (bound sockets, the number of queues) needs a restart. */
  readonly reloadable: boolean;
  readonly help: string;
  /** Deliberate difference from the uWSGI option of this name; begins with "not in uWSGI" where it has none. */
  readonly differs?: string;
  /** An act, not a state: not read from the environment, where the name may mean something else. */
  readonly commandLineOnly?: true;
  /** Obeyed while the sources are read: opens a file of that format, or defines another key. */
  readonly directive?: 'ini' | 'yaml' | 'json' | 'any' | 'set' | 'placeholder';
  /** Accepted for the sake of existing command lines, without effect: the reason, logged when it is given. */
  readonly noEffect?: string;
}

/** Default in the form the command line takes. Absent: no value unless one is given. */
interface WithDefault {
  readonly default?: string;
  /** Default that depends on the environment; `default` then has the words for help and documentation. */
  readonly defaultFrom?: (env: Environment) => string;
}

/** What a text must be beyond its kind, without a look at other options or at the machine. */
interface WithRule {
  readonly rule?: (text: string) => Parsed<unknown>;
}

interface NumberRange {
  readonly min: number;
  readonly max: number;
}

export type FlagRow = RowBase & { readonly kind: 'flag'; readonly default: 'true' | 'false' };
/** A whole number. */
export type IntegerRow = RowBase &
  NumberRange & {
    readonly kind: 'integer';
    readonly default: string;
    /** In files more than `max` counts as `max`: uWSGI means another thing by the number. */
    readonly cappedInFiles?: true;
  };
/** A whole number or `auto`; `auto` is replaced by a number before the configuration is final. */
export type CountRow = RowBase & NumberRange & { readonly kind: 'count'; readonly default: string };
/** Seconds, fractions allowed. */
export type SecondsRow = RowBase &
  NumberRange &
  WithDefault & { readonly kind: 'seconds'; readonly whenBare?: string };
/** Bytes, with the suffixes k, m and g (powers of 1024). */
export type SizeRow = RowBase & NumberRange & { readonly kind: 'size'; readonly default: string };
export type TextRow = RowBase &
  WithDefault &
  WithRule & {
    readonly kind: 'text';
    readonly value: string;
    /** The value where none is written; on the command line a value then stands behind an equals sign. */
    readonly whenBare?: string;
  };
export type ChoiceRow = RowBase & {
  readonly kind: 'choice';
  readonly choices: readonly string[];
  readonly default: string;
  /** Every text that matches is a value too. */
  readonly orMatching?: { readonly pattern: RegExp; readonly label: string };
};
/** A number with octal digits, as file modes are written. */
export type OctalRow = RowBase & { readonly kind: 'octal'; readonly whenBare?: string };
/** Lists: the option may be repeated, its values keep their order. */
export type AddressListRow = RowBase & { readonly kind: 'addresses' };
export type TextListRow = RowBase & WithRule & { readonly kind: 'texts'; readonly value: string };
export type PairListRow = RowBase & { readonly kind: 'pairs' };

export type OptionRow =
  | FlagRow
  | IntegerRow
  | CountRow
  | SecondsRow
  | SizeRow
  | TextRow
  | ChoiceRow
  | OctalRow
  | AddressListRow
  | TextListRow
  | PairListRow;
