/** Code blocks of a Markdown document, and what a test has to do with each. */

/**
 * What the words behind the language say:
 * - `file=NAME`: the block is that file
 * - `run`: commands that must succeed
 * - `serve`: a command that stays in the foreground; it runs until the document's end
 * - `check`: nginx accepts it within its http block
 *
 * A block of the language `console` has commands behind `$ `, and what each prints.
 */
export type Action =
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'run' | 'serve' | 'check' | 'console' };

export interface Block {
  readonly line: number;
  readonly text: string;
  readonly action: Action;
}

const FENCE = /^```([^\n`]*)\n([^]*?)^```[ ]*$/gm;
const WORDS: readonly string[] = ['run', 'serve', 'check'];

export function readBlocks(document: string): Block[] {
  const indented = indentedBlock(document);
  if (indented !== undefined)
    throw new Error(
      `line ${indented}: an indented block, which says nothing about what to do with it`,
    );
  return [...document.matchAll(FENCE)].map((match) => {
    const line = lineAt(document, match.index);
    return { line, text: match[2] ?? '', action: readAction(match[1] ?? '', line) };
  });
}

function readAction(info: string, line: number): Action {
  const [language = '', ...words] = info.trim().split(/\s+/);
  const [word = language === 'console' ? language : '', ...more] = words;
  const name = /^file=(\S+)$/.exec(word)?.[1];
  if (more.length === 0 && name !== undefined) return { kind: 'file', name };
  if (more.length === 0 && word === 'console') return { kind: 'console' };
  const kind = WORDS.find((known) => more.length === 0 && known === word);
  if (kind === undefined) throw new Error(`line ${line}: a block without a marker: \`\`\`${info}`);
  return { kind } as Action;
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** The line where one begins; lists and tables have none of their own in these documents. */
function indentedBlock(document: string): number | undefined {
  const prose = document.replace(FENCE, (fence) => fence.replace(/[^\n]/g, ''));
  const found = /\n\n {4}\S/.exec(prose);
  return found === null ? undefined : lineAt(prose, found.index) + 2;
}

export interface Command {
  readonly command: string;
  readonly output: string;
}

/** A line that ends in a backslash goes on in the next one. */
export function readConsole(text: string): Command[] {
  const commands: { command: string; output: string }[] = [];
  const lines = text.replace(/\\\n/g, '').split('\n').slice(0, -1);
  for (const line of lines) {
    const last = commands.at(-1);
    if (line.startsWith('$ ')) commands.push({ command: line.slice(2), output: '' });
    else if (last !== undefined) last.output += `${line}\n`;
    else throw new Error(`output before the first command: ${line}`);
  }
  return commands;
}
