import { unescape } from '../helpers/escapes.js';

/**
 * Escaped text as bytes; everything that is not escaped stands for its own ASCII byte. Throws on an unknown escape and
 * on characters beyond ASCII, which have to be written as `\xHH`.
 */
export function decodeBytes(text: string): Buffer {
  if (/[^\x20-\x7e]/.test(text)) throw new Error(`not printable ASCII: ${JSON.stringify(text)}`);
  return Buffer.from(unescape(text), 'latin1');
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
