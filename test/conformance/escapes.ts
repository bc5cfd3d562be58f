/**
 * Bytes as printable text: `\r \n \t \0 \\ \" \xHH`, and `\{N*text}` for N times the text.
 * Everything else stands for its own ASCII byte.
 */

const SIMPLE: Readonly<Record<string, string>> = {
  r: '\r',
  n: '\n',
  t: '\t',
  '0': '\0',
  '\\': '\\',
  '"': '"',
};

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|\{(\d+)\*([^}]*)\}|(.))/gs;

/** Throws on an unknown escape and on characters beyond ASCII, which have to be written as `\xHH`. */
export function decodeBytes(text: string): Buffer {
  if (/[^\x20-\x7e]/.test(text)) throw new Error(`not printable ASCII: ${JSON.stringify(text)}`);
  return Buffer.from(unescape(text), 'latin1');
}

type Groups = [hex?: string, count?: string, repeated?: string, letter?: string];

function unescape(text: string): string {
  return text.replace(ESCAPE, (whole: string, ...groups: Groups) => {
    const [hex, count, repeated = '', letter = ''] = groups;
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (count !== undefined) return unescape(repeated).repeat(Number(count));
    const simple = SIMPLE[letter];
    if (simple === undefined) throw new Error(`unknown escape ${whole}`);
    return simple;
  });
}

/** The other way round, for messages: one line, long texts cut in the middle. */
export function encodeBytes(bytes: Uint8Array, limit = 400): string {
  const text = Array.from(bytes, encodeByte).join('');
  if (text.length <= limit) return text;
  return `${text.slice(0, limit / 2)} … ${text.slice(-limit / 2)}`;
}

function encodeByte(byte: number): string {
  if (byte === 13) return '\\r';
  if (byte === 10) return '\\n';
  if (byte === 9) return '\\t';
  if (byte === 92) return '\\\\';
  if (byte < 32 || byte > 126) return `\\x${byte.toString(16).padStart(2, '0')}`;
  return String.fromCharCode(byte);
}
