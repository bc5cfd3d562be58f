import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findByName } from '../../../src/config/option-index.js';
import { type SingleValue, parseValue } from '../../../src/config/values.js';

function read(name: string, text: string): SingleValue {
  const parsed = parse(name, text);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.reason);
  return parsed.value;
}

function reason(name: string, text: string): string {
  const parsed = parse(name, text);
  assert.ok(!parsed.ok, `${name} took ${text}`);
  return parsed.reason;
}

function parse(name: string, text: string) {
  const found = findByName(name);
  assert.ok(found, name);
  return parseValue(found.row, text);
}

describe('values', () => {
  it('reads flags in the words uWSGI has for them, whatever their case', () => {
    for (const text of ['true', 'on', 'yes', '1', 'TRUE', 'Yes'])
      assert.equal(read('master', text), true);
    for (const text of ['false', 'off', 'no', '0', 'OFF'])
      assert.equal(read('master', text), false);
  });

  it('refuses other words for flags', () => {
    for (const text of ['', '2', 'maybe', 'true ; comment'])
      assert.match(reason('master', text), /accepted: true/);
  });

  it('reads whole numbers within their range', () => {
    assert.equal(read('threads', '4'), 4);
    assert.match(reason('threads', '0'), /too small; accepted: 1 to 64/);
    assert.match(reason('threads', '65'), /too large; accepted: 1 to 64/);
    for (const text of ['', 'abc', '4.5', '4x', '0x4', '1e3', ' 4']) {
      assert.match(reason('threads', text), /not a whole number; accepted: 1 to 64/);
    }
  });

  it('reads auto only where it means something', () => {
    assert.equal(read('processes', 'auto'), 'auto');
    assert.match(reason('processes', 'all'), /accepted: auto or 1 to 1024/);
    assert.match(reason('threads', 'auto'), /whole number/);
  });

  it('reads seconds with a fraction and refuses units', () => {
    assert.equal(read('header-timeout', '2.5'), 2.5);
    assert.equal(read('header-timeout', '0'), 0);
    assert.match(reason('header-timeout', '30s'), /has a unit; times are plain seconds/);
    assert.match(reason('header-timeout', '-1'), /too small/);
    for (const text of ['', '.', '1,5', 'soon'])
      assert.match(reason('header-timeout', text), /not a number/);
  });

  it('reads sizes with binary suffixes', () => {
    assert.equal(read('body-memory', '65536'), 65_536);
    for (const text of ['64m', '64M', '64mb', '64MiB', '64 MB']) {
      assert.equal(read('body-memory', text), 64 * 1024 * 1024);
    }
    assert.equal(read('limit-post', '2g'), 2 * 1024 ** 3);
    for (const text of ['', '64x', '1.5m', 'm', '64 m b']) {
      assert.match(reason('body-memory', text), /not a number of bytes/);
    }
    assert.match(reason('body-memory', '1k'), /too small; accepted: bytes, 64k to 64g/);
  });

  it('keeps sizes exact', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 30 }),
        fc.constantFrom('', 'k', 'm'),
        (number, unit) => {
          const factor = { '': 1, k: 1024, m: 1024 ** 2 }[unit];
          assert.equal(read('limit-post', `${number}${unit}`), number * factor);
        },
      ),
    );
  });

  it('reads choices by name and lists them otherwise', () => {
    assert.equal(read('log-format', 'json'), 'json');
    assert.match(reason('log-format', 'xml'), /accepted: uwsgi, json/);
  });

  it('reads NAME=VALUE, with an empty value or further equals signs', () => {
    assert.deepEqual(read('env', 'A=b=c'), { name: 'A', value: 'b=c' });
    assert.deepEqual(read('env', 'A='), { name: 'A', value: '' });
    for (const text of ['A', '=b', '']) assert.match(reason('env', text), /NAME=VALUE/);
  });

  it('refuses empty text', () => {
    assert.match(reason('chdir', ''), /is empty; accepted: DIR/);
  });
});
