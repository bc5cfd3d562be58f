/** What a source of configuration yields. */
import type { Setting } from './setting.js';

/** A key that stands for no option. Whether that is an error depends on `--strict`, known only later. */
export interface UnknownKey {
  readonly message: string;
  /** 'warning': never an error, since the name may belong to another program. */
  readonly severity: 'strict' | 'warning';
}

export interface Reading {
  /** In the order they were written. */
  readonly settings: readonly Setting[];
  readonly unknown: readonly UnknownKey[];
  readonly problems: readonly string[];
}
