/**
 * What uWSGI forgives in the values of files and this server forgives with a remark: text behind a value that looks
 * like a comment, words for true that are none, and numbers of Python threads.
 */
import type { IntegerRow, OptionRow } from './option-row.js';
import { isTruthWord } from './values.js';

export interface FileValue {
  readonly text: string;
  readonly remark?: string;
}

const TRAILING_COMMENT = /^(.*?)[ \t]+[;#].*$/s;

/** What stands before it; undefined: there is none. */
export function beforeComment(text: string): string | undefined {
  return TRAILING_COMMENT.exec(text)?.[1];
}

export function forgive(row: OptionRow, text: string): FileValue {
  const before = beforeComment(text);
  switch (row.kind) {
    case 'text':
    case 'texts':
    case 'pairs':
      return before === undefined
        ? { text }
        : { text, remark: 'files have no comments behind a value: all of it is taken' };
    case 'flag':
      return flagValue(before ?? text, before !== undefined);
    case 'integer':
      return numberValue(row, before ?? text, before !== undefined);
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

/** `log-slow = true` is a limit of 0 to uWSGI: no limit. */
function numberValue(row: IntegerRow, text: string, cut: boolean): FileValue {
  if (row.min === 0 && /^(true|yes|on)$/i.test(text)) return { text: '0', remark: NO_NUMBER };
  if (row.cappedInFiles === true && /^\d+$/.test(text) && Number(text) > row.max)
    return { text: String(row.max), remark: `counts as ${row.max}, the most there is` };
  return cut ? { text, remark: CUT } : { text };
}

const NO_NUMBER = 'is no number: it counts as 0, as in uWSGI';
