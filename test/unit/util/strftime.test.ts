import assert from 'node:assert/strict';
import { createLogger } from '../../../src/log/logger.js';
import { strftime } from '../../../src/util/strftime.js';

const TIME = new Date(2026, 2, 4, 15, 6, 7);

describe('dates in the log', () => {
  it('have the forms of strftime', () => {
    assert.equal(strftime('%Y-%m-%d %H:%M:%S,000', TIME), '2026-03-04 15:06:07,000');
    assert.equal(strftime('%a, %d %b %Y %T', TIME), 'Wed, 04 Mar 2026 15:06:07');
    assert.equal(
      strftime('%A %B %e %I %p %j %y %u %w', TIME),
      'Wednesday March  4 03 PM 063 26 3 3',
    );
    assert.equal(
      strftime('%c|%D|%F|%R|%%|%Q', TIME),
      'Wed Mar  4 15:06:07 2026|03/04/26|2026-03-04|15:06|%|%Q',
    );
    assert.match(strftime('%z', TIME), /^[+-]\d{4}$/);
  });

  it('stand in front of every line where they are asked for', () => {
    const lines: string[] = [];
    const write = (line: string): number => lines.push(line);
    const options = { format: 'text', write, now: () => TIME.getTime() } as const;
    for (const date of [undefined, 'true', '%H:%M']) {
      const logger = createLogger(date === undefined ? options : { ...options, date });
      logger.fact('fact');
      logger.info('event');
    }
    assert.deepEqual(lines, [
      ...['fact\n', 'Wed Mar  4 15:06:07 2026 - event\n'],
      ...['Wed Mar  4 15:06:07 2026 - fact\n', 'Wed Mar  4 15:06:07 2026 - event\n'],
      ...['15:06 - fact\n', '15:06 - event\n'],
    ]);
  });
});
