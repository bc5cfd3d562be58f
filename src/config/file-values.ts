/**
 * What uWSGI forgives in the values of files and this server forgives with a remark: text behind a value that looks
 * like a comment, and words for true that are none.
 */
import type { OptionRow } from './option-row.js';
import { isTruthWord } from './values.js';

export interface FileValue {
  readonly text: string;
  readonly remark?: string;
}

const TRAILING_COMMENT = /^(.*?)[ \t]+[;#].*$/s;

export function forgive(row: OptionRow, text: string): FileValue {
  const before = TRAILING_COMMENT.exec(text)?.[1];
  switch (row.kind) {
    case 'text':
    case 'texts':
    case 'pairs':
      return before === undefined
        ? { text }
        : { text, remark: 'files have no comments behind a value: all of it is taken' };
    case 'flag':
      return flagValue(before ?? text, before !== undefined);
    default:
      return before === undefined ? { text } : { text: before, remark: CUT };
  }
}

const CUT = 'files have no comments behind a value: only what stands before it is taken';

function flagValue(text: string, cut: boolean): FileValue {
  if (text === '') return { text: 'true' };
  if (isTruthWord(text)) return cut ? { text, remark: CUT } : { text };
  return { text: 'true', remark: 'is taken for true, as every word but false, off, no and 0 is' };
}
