import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  FrameReader,
  textFrame,
  type Frame,
} from '../../../../src/supervisor/harakiri/websocket-client.js';

/** A frame as a server sends it: without a mask. */
function serverFrame({ final, opcode, payload }: Frame): Buffer {
  const { length } = payload;
  const head = [(final ? 0x80 : 0) | opcode];
  if (length < 126) head.push(length);
  else if (length < 65_536) head.push(126, length >> 8, length & 0xff);
  else {
    const wide = Buffer.alloc(8);
    wide.writeBigUInt64BE(BigInt(length));
    head.push(127, ...wide);
  }
  return Buffer.concat([Buffer.from(head), payload]);
}

function unmasked(frame: Buffer, head: number): string {
  const mask = frame.subarray(head, head + 4);
  const payload = frame.subarray(head + 4).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return payload.toString();
}

describe('WebSocket frames', () => {
  it('are cut out of a stream wherever its pieces end', () => {
    const length = fc.oneof(fc.nat(200), fc.constantFrom(125, 126, 65_535, 65_536, 70_000));
    const frame = fc.record(
      {
        final: fc.boolean(),
        opcode: fc.constantFrom(0, 1, 8),
        payload: length.map((bytes) => Buffer.alloc(bytes, 'x')),
      },
      { noNullPrototype: true },
    );
    const scenes = fc.tuple(
      fc.array(frame, { maxLength: 5 }),
      fc.array(fc.nat(4000), { minLength: 1 }),
    );
    fc.assert(
      fc.property(scenes, ([frames, sizes]) => {
        const bytes = Buffer.concat(frames.map(serverFrame));
        const reader = new FrameReader();
        const seen: Frame[] = [];
        for (let at = 0, i = 0; at < bytes.length; i += 1) {
          const size = (sizes[i % sizes.length] ?? 0) + 1;
          seen.push(...reader.push(bytes.subarray(at, at + size)));
          at += size;
        }
        assert.deepEqual(seen, frames);
      }),
      { numRuns: 50 },
    );
  });

  it('of the client are masked, with the length in as few bytes as it needs', () => {
    const mask = Buffer.from([1, 2, 3, 4]);
    const short = textFrame('{"id":1}', mask);
    assert.deepEqual([...short.subarray(0, 6)], [0x81, 0x80 | 8, 1, 2, 3, 4]);
    assert.equal(unmasked(short, 2), '{"id":1}');
    const middle = textFrame('y'.repeat(300), mask);
    assert.deepEqual([...middle.subarray(1, 4)], [0x80 | 126, 1, 44]);
    assert.equal(unmasked(middle, 4), 'y'.repeat(300));
    const long = textFrame('z'.repeat(65_536), mask);
    assert.deepEqual([...long.subarray(1, 10)], [0x80 | 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    assert.equal(unmasked(long, 10), 'z'.repeat(65_536));
  });
});
