/** The escapes that all case files share: `\r \n \t \0 \s \\ \" \xHH`, and `\{N*text}` for N times the text. */
const SIMPLE: Readonly<Record<string, string>> = {
  r: '\r',
  n: '\n',
  t: '\t',
  '0': '\0',
  s: ' ',
  '\\': '\\',
  '"': '"',
};
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|\{(\d+)\*([^}]*)\}|(.))/gs;

type Groups = [hex?: string, count?: string, repeated?: string, letter?: string];

/** One character each byte. Throws where an escape is unknown. */
export function unescape(text: string): string {
  return text.replace(ESCAPE, (whole: string, ...groups: Groups) => {
    const [hex, count, repeated = '', letter = ''] = groups;
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (count !== undefined) return unescape(repeated).repeat(Number(count));
    const simple = SIMPLE[letter];
    if (simple === undefined) throw new Error(`unknown escape ${whole}`);
    return simple;
  });
}
