/** Which lines of the log belong together, and so go the same way. */

/** `head` decides where it goes; `lines`: all of it that is there now, each with its newline. */
export interface LogRecord {
  readonly head: string;
  readonly lines: string;
}

/** Takes whole lines. Empty ones say nothing and are left out. */
export type SplitRecords = (lines: string) => readonly LogRecord[];

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** Lines of which each stands for itself, as request lines do. */
export function singleLines(text: string): readonly LogRecord[] {
  return linesOf(text).map((line) => ({ head: line, lines: `${line}\n` }));
}

/** Records of one writer: what stands indented below a line, as a stack does, belongs to it, also if it comes later. */
export function recordSplitter(): SplitRecords {
  let head = '';
  return (text) => {
    const groups: { readonly head: string; lines: string }[] = [];
    for (const line of linesOf(text)) {
      const goesOn = head !== '' && /^[ \t]/.test(line);
      const last = groups.at(-1);
      if (!goesOn) head = line;
      if (goesOn && last !== undefined) last.lines += `${line}\n`;
      else groups.push({ head, lines: `${line}\n` });
    }
    return groups;
  };
}
