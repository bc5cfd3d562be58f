import assert from 'node:assert/strict';
import fc from 'fast-check';
import { knownNames, suggestName } from '../../../src/config/option-index.js';
import { editDistance } from '../../../src/util/edit-distance.js';

/** What people write, and what they meant. */
const CASES: readonly [string, string | undefined][] = [
  ['process', 'processes'],
  ['procesess', 'processes'],
  ['thread', 'threads'],
  ['wsgifile', 'wsgi-file'],
  ['http_socket', 'http-socket'],
  ['Master', 'master'],
  ['no-need-apps', 'no-need-app'],
  ['bufer-size', 'buffer-size'],
  ['proc', 'processes'],
  ['bind', 'http-socket'],
  ['port', 'http-socket'],
  ['sockett', 'socket'],
  ['optmize', 'optimize'],
  ['chmod-sock', 'chmod-socket'],
  ['timeout', 'socket-timeout'],
  ['xyzzy', undefined],
  ['a-name-that-nobody-would-guess', undefined],
];

describe('suggestions', () => {
  for (const [written, meant] of CASES) {
    it(`${written} → ${meant ?? 'nothing'}`, () => assert.equal(suggestName(written), meant));
  }

  it('find the name after any one mistake in a long one', () => {
    const names = [...knownNames()].filter((name) => name.length >= 8);
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), (name, at) => {
        const position = at % name.length;
        const written = name.slice(0, position) + name.slice(position + 1);
        const suggestion = suggestName(written);
        assert.ok(suggestion !== undefined && editDistance(written, suggestion) <= 1);
      }),
    );
  });
});

describe('edit distance', () => {
  it('counts insertions, deletions, changes and swaps of neighbours', () => {
    assert.equal(editDistance('', 'abc'), 3);
    assert.equal(editDistance('abc', ''), 3);
    assert.equal(editDistance('abc', 'abc'), 0);
    assert.equal(editDistance('abc', 'adc'), 1);
    assert.equal(editDistance('abc', 'acb'), 1);
    assert.equal(editDistance('kitten', 'sitting'), 3);
  });

  it('is symmetric and no longer than the longer word', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (one, other) => {
        const distance = editDistance(one, other);
        assert.equal(distance, editDistance(other, one));
        assert.ok(distance <= Math.max(one.length, other.length));
        assert.equal(distance === 0, one === other);
      }),
    );
  });
});
