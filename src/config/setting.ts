/**
 * What every source of configuration is reduced to: an ordered list of settings, each with the place it came from.
 * A source is a function that returns such a list; resolve.ts puts the lists in order of precedence.
 */

import { shownText } from './shown-text.js';

/** Where a value came from, precise enough to go there and change it. */
export type Origin =
  | { readonly source: 'command line'; readonly index: number; readonly spelled: string }
  | { readonly source: 'environment'; readonly variable: string }
  | { readonly source: 'file'; readonly file: string; readonly line: number }
  | { readonly source: 'default' }
  /** Not given, but switched on or set by another option. */
  | { readonly source: 'implied'; readonly by: string };

/** One `key = value` of a source. The key may be an alias, and may be unknown. */
export interface Setting {
  readonly key: string;
  /** undefined: the key stood alone, as a flag does. */
  readonly value: string | undefined;
  readonly origin: Origin;
}

/** How a setting was spelled, for messages about it. */
export function describeGiven(setting: Setting): string {
  switch (setting.origin.source) {
    case 'command line':
      return setting.origin.spelled;
    case 'environment':
      return setting.origin.variable;
    case 'file':
      return `${setting.origin.file}:${setting.origin.line}: ${shownText(setting.key)}`;
    default:
      return setting.key;
  }
}

/** For `--show-config`. */
export function describeOrigin(origin: Origin): string {
  switch (origin.source) {
    case 'command line':
      return `command line, argument ${origin.index + 1}`;
    case 'environment':
      return `environment, ${origin.variable}`;
    case 'file':
      return `${origin.file}:${origin.line}`;
    case 'default':
      return 'default';
    case 'implied':
      return `set by ${origin.by}`;
  }
}
