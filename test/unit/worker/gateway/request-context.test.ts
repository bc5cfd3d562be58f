import assert from 'node:assert/strict';
import { decimal, requestIdOf } from '../../../../src/worker/gateway/request-context.js';

describe('the id of a request', () => {
  it('has its numbers as everybody writes them', () => {
    for (const value of [0, 7, 42, 999, 1000, 1001, 10_020, 999_999, 1_000_000, 4_294_967_295])
      assert.equal(decimal(value), String(value));
    assert.equal(requestIdOf(3, 12_045), `${process.pid}-3-12045`);
  });
});
