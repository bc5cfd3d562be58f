/** What a configuration file holds, as a message may show it: a file by mistake, a binary one say, can hold anything. */

const LONGEST_SHOWN = 80;

/** Without what a terminal or a log would take for more than text, and not longer than a line. */
export function shownText(text: string): string {
  const cut = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  return cut.replace(/[\0-\x1f\x7f-\x9f]/g, '\uFFFD');
}
