import { shownText } from '../shown-text.js';

/** What a configuration file says, whatever its format. */
export interface Pair {
  readonly key: string;
  /** undefined: the key stood alone, as a flag does. */
  readonly value: string | undefined;
  /** From 1. */
  readonly line: number;
}

export interface LineRemark {
  /** 0: the file as a whole. */
  readonly line: number;
  readonly text: string;
}

export interface FileContent {
  /** Of the section that was asked for, in the order they were written. */
  readonly pairs: readonly Pair[];
  readonly problems: readonly LineRemark[];
}

export function missingSection(name: string, present: readonly string[]): LineRemark {
  const others =
    present.length === 0
      ? 'it has none'
      : `it has ${[...new Set(present.map(shownText))].join(', ')}`;
  return { line: 0, text: `there is no section ${name}; ${others}` };
}
