/** The part of a file that `wsgi.file_wrapper` was asked for, where it has no positions and comes in pieces. */
import type { Chunk, FileRange } from '../../app/types.js';
import { toBytes } from './raw-buffer.js';

/** Throws RangeError where the application's numbers are none of a file, before anything is opened or sent. */
export function checkRange({ start = 0, end = Infinity }: FileRange): void {
  requirePosition('start', start);
  if (end !== Infinity) requirePosition('end', end);
}

function requirePosition(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`wsgi.file_wrapper: ${name} is ${value}, and must be a whole number >= 0`);
}

/** `position`: of the first piece. */
export function* piecesWithin(
  pieces: Iterable<Chunk>,
  range: FileRange,
  position = 0,
): Generator<Uint8Array> {
  const cutter = new Cutter(range, position);
  for (const piece of pieces) {
    const bytes = cutter.cut(piece);
    if (bytes.length > 0) yield bytes;
    if (cutter.done) return;
  }
}

export async function* streamWithin(
  pieces: AsyncIterable<Chunk>,
  range: FileRange,
  position = 0,
): AsyncGenerator<Uint8Array> {
  const cutter = new Cutter(range, position);
  for await (const piece of pieces) {
    const bytes = cutter.cut(piece);
    if (bytes.length > 0) yield bytes;
    if (cutter.done) return;
  }
}

class Cutter {
  readonly #start: number;
  readonly #end: number;
  #position: number;

  constructor({ start = 0, end = Infinity }: FileRange, position: number) {
    this.#start = start;
    this.#end = Math.max(start, end);
    this.#position = position;
  }

  get done(): boolean {
    return this.#position >= this.#end;
  }

  cut(piece: Chunk): Uint8Array {
    const bytes = toBytes(piece);
    const at = this.#position;
    this.#position += bytes.length;
    return bytes.subarray(Math.max(0, this.#start - at), Math.max(0, this.#end - at));
  }
}
