import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodePacket, MAX_BLOCK_BYTES } from '../../../src/router/uwsgi-packet.js';
import { decodePacket } from './decode-packet.js';

const PLAIN = { modifier1: 0, modifier2: 0 };

describe('uwsgi packets', () => {
  it('have a header, then lengths and bytes, all little endian', () => {
    const packet = encodePacket([['A', 'xyz']], { modifier1: 9, modifier2: 7 }, MAX_BLOCK_BYTES);
    assert.deepEqual(packet, Buffer.from([9, 8, 0, 7, 1, 0, 0x41, 3, 0, 0x78, 0x79, 0x7a]));
  });

  it('write a character as a byte', () => {
    const packet = encodePacket([['P', '\xe4\xff']], PLAIN, MAX_BLOCK_BYTES);
    assert.deepEqual(packet?.subarray(9), Buffer.from([0xe4, 0xff]));
  });

  it('may be as large as the limit, and no larger', () => {
    const fitting = 'v'.repeat(100 - 5);
    assert.equal(encodePacket([['N', fitting]], PLAIN, 100)?.length, 104);
    assert.equal(encodePacket([['N', `${fitting}v`]], PLAIN, 100), undefined);
  });

  it('are never larger than their size field can say', () => {
    assert.equal(encodePacket([['N', 'v'.repeat(0x10000)]], PLAIN, Infinity), undefined);
  });

  it('say the same when they are read', () => {
    const text = fc.stringMatching(/^[\x01-\xff]*$/);
    const name = fc.stringMatching(/^[A-Z_]+$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, text)), (variables) => {
        const packet = encodePacket(variables, PLAIN, MAX_BLOCK_BYTES);
        assert.ok(packet !== undefined);
        const { variables: read, rest } = decodePacket(packet) ?? assert.fail();
        assert.deepEqual(read, variables);
        assert.equal(rest.length, 0);
      }),
    );
  });
});
