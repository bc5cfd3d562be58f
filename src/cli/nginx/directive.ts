/** The text of nginx's configuration files: directives, blocks, words. */

export interface Directive {
  readonly name: string;
  readonly words: readonly string[];
  /** Lines of comment above it. */
  readonly because: readonly string[];
  /** A block where it has one. */
  readonly body: readonly Directive[] | undefined;
}

/** `because`: one line that says why the value is this one. */
export function directive(
  name: string,
  words: readonly (string | number)[],
  because?: string,
): Directive {
  const comment = because === undefined ? [] : [because];
  return { name, words: words.map(String), because: comment, body: undefined };
}

export function block(
  name: string,
  words: readonly string[],
  body: readonly Directive[],
  because: readonly string[] = [],
): Directive {
  return { name, words, because, body };
}

const INDENT = '    ';

export function render(directives: readonly Directive[], indent = ''): string[] {
  return directives.flatMap((one) => {
    const comment = one.because.map((line) => `${indent}# ${oneLine(line)}`);
    const head = [one.name, ...one.words.map(word)].join(' ');
    if (one.body === undefined) return [...comment, `${indent}${head};`];
    const body = render(one.body, indent + INDENT);
    return ['', ...comment, `${indent}${head} {`, ...body, `${indent}}`];
  });
}

/** What comes from a configuration must not end the comment. */
function oneLine(text: string): string {
  return text.replace(/[\0-\x1f\x7f]/g, ' ');
}

/** A word ends at white space, a semicolon or a brace; within quotes only backslashes and quotes mean something. */
function word(text: string): string {
  if (/^[\w$@^=~./:*+,%[\]-]+$/.test(text)) return text;
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Seconds, which may have a fraction: nginx knows milliseconds, and no decimal point. */
export function duration(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.ceil(seconds * 1000)}ms`;
}

/** Bytes. */
export function size(bytes: number): string {
  if (bytes === 0) return '0';
  if (bytes % (1 << 20) === 0) return `${bytes / (1 << 20)}m`;
  return bytes % 1024 === 0 ? `${bytes / 1024}k` : String(bytes);
}
