/** The reading side of the uwsgi protocol, for backends of tests. */
export interface DecodedPacket {
  readonly modifier1: number;
  readonly modifier2: number;
  readonly variables: readonly (readonly [string, string])[];
  /** What came after the block: the body. */
  readonly rest: Buffer;
}

/** Undefined: more bytes have to come. */
export function decodePacket(bytes: Buffer): DecodedPacket | undefined {
  if (bytes.length < 4) return undefined;
  const end = 4 + bytes.readUInt16LE(1);
  if (bytes.length < end) return undefined;
  const variables: (readonly [string, string])[] = [];
  let at = 4;
  const text = (): string => {
    const length = bytes.readUInt16LE(at);
    at += 2 + length;
    return bytes.toString('latin1', at - length, at);
  };
  while (at < end) variables.push([text(), text()]);
  if (at !== end) throw new Error('a variable runs past the end of its packet');
  return {
    modifier1: bytes[0] ?? 0,
    modifier2: bytes[3] ?? 0,
    variables,
    rest: bytes.subarray(end),
  };
}
