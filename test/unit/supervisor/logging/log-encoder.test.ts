import assert from 'node:assert/strict';
import { parseEncoder } from '../../../../src/config/log-encoder.js';
import { encodeLines, encodersFor } from '../../../../src/supervisor/logging/log-encoder.js';
import {
  parseLinePattern,
  parseLogRoute,
  type LinePattern,
} from '../../../../src/config/log-pattern.js';
import { accepted } from '../../../../src/config/parsed.js';

const NOW = new Date(2026, 10, 2, 3, 4, 5, 678);

function encoded(line: string, ...texts: readonly string[]): string {
  const chain = encodersFor(accepted(texts, parseEncoder), 'mine');
  return chain?.(line, NOW) ?? line;
}

describe('log encoders', () => {
  it('put lines into another form, one after the other', () => {
    assert.equal(encoded('hello', 'prefix >> ', 'suffix  <<'), '>> hello <<');
    const unix = String(Math.floor(NOW.getTime() / 1000));
    assert.equal(
      encoded('hello', 'format ${unix}:${millis}:${msg}'),
      `${unix}:${NOW.getTime()}:hello`,
    );
    assert.equal(
      encoded('x', 'format ${strftime:%Y-%m-%d} ${micros}'),
      `2026-11-02 ${NOW.getTime()}000`,
    );
    assert.deepEqual(JSON.parse(encoded('a "b" \\\t', 'json {"m":"${msg}","t":${unix}}')), {
      m: 'a "b" \\\t',
      t: Number(unix),
    });
  });

  it('may be for one logger, and come behind those for all', () => {
    assert.equal(encoded('x', 'suffix:mine 1', 'suffix:other 2', 'suffix 3'), 'x31');
  });

  it('leave one newline at the end of every line', () => {
    const chain = encodersFor(accepted(['format [${msgnl}]', 'nl'], parseEncoder), undefined);
    assert.ok(chain);
    assert.equal(encodeLines('a\nb\n', chain), '[a\n]\n[b\n]\n');
    assert.equal(
      encodeLines('a\n', (line) => `${line}\n\n`),
      'a\n',
    );
  });

  it('that are not here, or make no sense, are refused by name', () => {
    for (const [text, why] of [
      ['gzip', /there is no encoder gzip: compress files when they are rotated/],
      ['rot13 x', /there is no encoder rot13: known are prefix, suffix, nl, format and json/],
      ['format', /has no format behind its name/],
      ['format ${nope}', /has a variable that is not there: \$\{nope\}/],
    ] as const) {
      const parsed = parseEncoder(text);
      assert.match(parsed.ok ? '' : parsed.reason, why, text);
    }
  });
});

function patternOf(source: string): LinePattern {
  const [pattern] = accepted([source], parseLinePattern);
  assert.ok(pattern);
  return pattern;
}

describe('patterns for lines of the log', () => {
  it('match as regular expressions do', () => {
    const matches = patternOf('error|status [45]\\d\\d$');
    assert.deepEqual(['an error', 'status 404', 'status 200'].map(matches), [true, true, false]);
  });

  it('are refused where a client could stop the master with them', () => {
    for (const source of ['(a)\\1', '(?=b)a', '(?<!b)a', 'a{5000}']) {
      const parsed = parseLogRoute(`id ${source}`);
      assert.match(parsed.ok ? '' : parsed.reason, /^cannot be matched in linear time/, source);
    }
    const broken = parseLinePattern('(');
    assert.match(broken.ok ? '' : broken.reason, /^is not a regular expression/);
  });

  it('take time in proportion to the line, however they are written', () => {
    const matches = patternOf('(a+)+$');
    const took = (length: number): number => {
      const line = `${'a'.repeat(length)}b`;
      const start = performance.now();
      assert.equal(matches(line), false);
      return performance.now() - start;
    };
    took(1000);
    // Trying every way to split 20,000 letters would not end.
    assert.ok(took(20_000) < 5000);
  });
});
