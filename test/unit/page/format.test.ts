import assert from 'node:assert/strict';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatMicros,
  formatRate,
} from '../../../src/page/format.js';

describe('figures for people', () => {
  it('have three digits and a unit', () => {
    assert.deepEqual([0, 999, 1234, 45_600, 999_400, 2_500_000].map(formatMicros), [
      '0 µs',
      '999 µs',
      '1.23 ms',
      '45.6 ms',
      '999 ms',
      '2.50 s',
    ]);
    assert.equal(formatMicros(undefined), '–');
    assert.deepEqual([7, 2048, 5 * 1024 ** 2, 3 * 1024 ** 3].map(formatBytes), [
      ...['7 B', '2.00 KB', '5.00 MB', '3.00 GB'],
    ]);
    assert.deepEqual([9999, 12_345, 2_000_000].map(formatCount), ['9999', '12.3k', '2.00M']);
    assert.deepEqual([0, 0.25, 9.96, 42.4].map(formatRate), ['0', '0.3', '10.0', '42']);
    assert.deepEqual([5, 61, 3700, 90_000].map(formatDuration), [
      ...['5 s', '1 min 1 s', '1 h 1 min', '1 d 1 h'],
    ]);
  });
});
