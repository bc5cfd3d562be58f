const PIECE_BYTES = 65_536;
/** Odd, so that pieces of the network and of these bytes never fall together for long. */
const PERIOD = 65_521;

const pattern = makePattern();

/** Every byte depends on its place, and no two pieces are alike: a piece lost, doubled or moved changes the hash. */
export function* pieces(length: number): Generator<Buffer> {
  for (let at = 0; at < length; at += PIECE_BYTES) {
    const start = at % PERIOD;
    yield pattern.subarray(start, start + Math.min(PIECE_BYTES, length - at));
  }
}

function makePattern(): Buffer {
  const bytes = Buffer.allocUnsafe(PERIOD + PIECE_BYTES);
  let state = 1;
  for (let at = 0; at < PERIOD; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  bytes.copy(bytes, PERIOD, 0, PIECE_BYTES);
  return bytes;
}
