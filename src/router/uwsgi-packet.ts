/**
 * The request side of the uwsgi protocol: four bytes of header (modifier1, size as little-endian 16 bits, modifier2),
 * then every variable as `length, name, length, value` with little-endian 16-bit lengths. The body follows without
 * framing; its length is the variable CONTENT_LENGTH.
 */

/** Names and values hold one character per byte, as HTTP fields came. */
export type Variable = readonly [name: string, value: string];

export interface Modifiers {
  readonly modifier1: number;
  readonly modifier2: number;
}

const HEADER_BYTES = 4;
const LENGTH_BYTES = 2;
/** The block's size has 16 bits; no single length can be larger than the block. */
export const MAX_BLOCK_BYTES = 0xffff;

/** The packet, or undefined where the variables take more than `limit` bytes (at most MAX_BLOCK_BYTES). */
export function encodePacket(
  variables: readonly Variable[],
  { modifier1, modifier2 }: Modifiers,
  limit: number,
): Buffer | undefined {
  let size = 0;
  for (const [name, value] of variables) size += 2 * LENGTH_BYTES + name.length + value.length;
  if (size > Math.min(limit, MAX_BLOCK_BYTES)) return undefined;
  const packet = Buffer.allocUnsafe(HEADER_BYTES + size);
  packet[0] = modifier1;
  packet.writeUInt16LE(size, 1);
  packet[3] = modifier2;
  let at = HEADER_BYTES;
  for (const [name, value] of variables) at = put(packet, value, put(packet, name, at));
  return packet;
}

function put(packet: Buffer, text: string, at: number): number {
  packet.writeUInt16LE(text.length, at);
  packet.write(text, at + LENGTH_BYTES, 'latin1');
  return at + LENGTH_BYTES + text.length;
}
