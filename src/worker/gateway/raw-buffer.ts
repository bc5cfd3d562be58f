import type { Chunk } from '../../app/types.js';

/**
 * The encoders of Buffer that skip the argument checks of `toString` and `write`; present on every
 * supported Node, not in its types.
 */
interface RawBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, offset: number): number;
  utf8Write(text: string, offset: number): number;
}

/** Longer strings are written by the C++ encoder, which costs about 50 ns to enter. */
const LOOP_LIMIT = 24;

/** A Buffer over memory shared with the core. */
export function rawBufferOver(memory: ArrayBuffer): RawBuffer {
  return Buffer.from(memory) as RawBuffer;
}

/**
 * Writes `text` as UTF-8 and returns its length in bytes. `target` has room for three times
 * `text.length`.
 */
export function writeUtf8(target: RawBuffer, text: string, offset: number): number {
  const { length } = text;
  if (length > LOOP_LIMIT) return target.utf8Write(text, offset);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return target.utf8Write(text, offset);
    target[offset + i] = code;
  }
  return length;
}

/** Copies `source`; short ones by a loop, which beats entering `TypedArray.prototype.set`. */
export function writeBytes(target: RawBuffer, source: Uint8Array, offset: number): void {
  const { length } = source;
  if (length > LOOP_LIMIT) {
    target.set(source, offset);
    return;
  }
  for (let i = 0; i < length; i++) target[offset + i] = source[i] as number;
}

/** A piece of a body as it goes out. */
export function toBytes(chunk: Chunk): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

export type { RawBuffer };
