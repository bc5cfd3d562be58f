import assert from 'node:assert/strict';
import { decodeBytes, encodeBytes } from '../../conformance/escapes.js';

describe('bytes as text', () => {
  it('decodes every escape', () => {
    assert.equal(decodeBytes('a\\r\\n\\t\\0\\\\\\"\\xff').toString('latin1'), 'a\r\n\t\0\\"\xff');
  });

  it('repeats', () => {
    assert.equal(decodeBytes('<\\{3*ab\\n}>').toString('latin1'), '<ab\nab\nab\n>');
  });

  it('refuses what it does not know', () => {
    assert.throws(() => decodeBytes('\\q'), /unknown escape/);
    assert.throws(() => decodeBytes('é'), /not printable ASCII/);
    assert.throws(() => decodeBytes('\\{2*a\\{2*b}}'), /unknown escape/);
  });

  it('shows bytes, long ones cut', () => {
    assert.equal(encodeBytes(Buffer.from('a\r\n\xe9\\', 'latin1')), 'a\\r\\n\\xe9\\\\');
    assert.ok(encodeBytes(Buffer.alloc(10_000, 'x')).length < 500);
  });
});
