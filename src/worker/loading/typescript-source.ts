/**
 * What can be told of a TypeScript file from its text, without a parser: that is enough to choose who
 * loads it, and costs next to nothing.
 */

/** What stands in front of a `/` that begins a regular expression. */
const BEFORE_REGEXP = String.raw`(?<=[(,=:[!&|?{};>]\s*|^\s*|\breturn\s+)`;

/** Comments, strings, templates and regular expressions, whichever begins first. */
const TEXT = new RegExp(
  [
    String.raw`//.*`,
    String.raw`/\*[\s\S]*?\*/`,
    String.raw`(?<string>'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"|` +
      '`(?:\\\\[\\s\\S]|[^`\\\\])*`)',
    BEFORE_REGEXP + String.raw`/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+/`,
  ].join('|'),
  'gm',
);

/** The source without what people write in it: words there are no syntax. */
function codeOf(source: string): string {
  return source.replace(TEXT, (_, string?: string) => (string === undefined ? ' ' : "''"));
}

const TYPES_ONLY = String.raw`(?!type\s+[\w${'$'}*{]|interface\s|declare\s)`;
const MODULE_SYNTAX = new RegExp(
  String.raw`(?:^|[;}])\s*(?:import\s*${TYPES_ONLY}[\w*{'"]|export\s+${TYPES_ONLY}[\w*{])`,
  'm',
);
const COMMONJS_IMPORT = /^\s*import\s+\w+\s*=\s*require\b/m;

/** Whether it has imports or exports that are left when the types are gone. */
export function hasModuleSyntax(source: string): boolean {
  const code = codeOf(source);
  return MODULE_SYNTAX.test(code) && !COMMONJS_IMPORT.test(code);
}

const MORE_THAN_TYPES = [
  /\benum\s+[\w$]+\s*\{/,
  /(?<!\bdeclare\s+)\b(?:namespace|module)\s+[\w$.]+\s*\{/,
  // A property declared by a parameter of the constructor.
  /[(,]\s*(?:(?:public|private|protected|readonly|override)\s+)+[\w$]+\s*[?:=,)]/,
  /^\s*(?:export\s+)?import\s+[\w$]+\s*=/m,
  /^\s*export\s*=/m,
  // A decorator.
  /(?:^|[;{}(),]|\bexport|\bdefault)\s*@[\w$(]/m,
  // A type in front of what it is asserted of; followed by a parenthesis it can be a function's parameter as well.
  /(?:[=(,;:?&|!{}[+]|\breturn)\s*<[\w$.[\]\s|]+>\s*[\w$[{'"]/,
];

/** Whether it has syntax that cannot be made JavaScript by blanking types. */
export function isMoreThanTypes(source: string): boolean {
  const code = codeOf(source);
  return MORE_THAN_TYPES.some((syntax) => syntax.test(code));
}
