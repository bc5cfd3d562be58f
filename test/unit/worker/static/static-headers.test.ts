import assert from 'node:assert/strict';
import {
  acceptedCodings,
  expiresAt,
  expiryRules,
  notModified,
  parseRange,
  rangeCounts,
} from '../../../../src/worker/static/static-headers.js';

const NO_RULES = {
  staticExpires: [],
  staticExpiresMtime: [],
  staticExpiresType: [],
  staticExpiresTypeMtime: [],
  staticExpiresUri: [],
  staticExpiresUriMtime: [],
  staticExpiresPathInfo: [],
  staticExpiresPathInfoMtime: [],
};

describe('ranges of files', () => {
  it('are taken where there is one that can be served', () => {
    const cases: readonly (readonly [string, unknown])[] = [
      ['bytes=0-4', { start: 0, end: 5 }],
      ['bytes=5-', { start: 5, end: 10 }],
      ['bytes=-3', { start: 7, end: 10 }],
      ['bytes=-30', { start: 0, end: 10 }],
      ['bytes=0-99', { start: 0, end: 10 }],
      ['bytes=9-9', { start: 9, end: 10 }],
    ];
    for (const [text, range] of cases) assert.deepEqual(parseRange(text, 10), range, text);
  });

  it('are impossible, or not for us', () => {
    for (const text of ['bytes=10-', 'bytes=99-100', 'bytes=-0'])
      assert.equal(parseRange(text, 10), 'impossible', text);
    for (const text of ['bytes=5-4', 'bytes=0-1,3-4', 'lines=0-1', 'bytes=-', 'bytes=a-b', ''])
      assert.equal(parseRange(text, 10), undefined, text);
    assert.equal(parseRange('bytes=0-', 0), 'impossible');
  });

  it('count for the same file only', () => {
    const mtime = Date.parse('Sun, 22 Nov 2026 10:00:00 GMT') + 400;
    assert.equal(rangeCounts(undefined, mtime), true);
    assert.equal(rangeCounts('Sun, 22 Nov 2026 10:00:00 GMT', mtime), true);
    assert.equal(rangeCounts('Sun, 22 Nov 2026 10:00:01 GMT', mtime), false);
    assert.equal(rangeCounts('"etag"', mtime), false);
  });
});

describe('dates of files', () => {
  it('save a transfer where the client has the file', () => {
    const mtime = Date.parse('Sun, 22 Nov 2026 10:00:00 GMT') + 900;
    assert.equal(notModified('Sun, 22 Nov 2026 10:00:00 GMT', mtime), true);
    assert.equal(notModified('Sun, 22 Nov 2026 09:59:59 GMT', mtime), false);
    assert.equal(notModified('yesterday-ish', mtime), false);
    assert.equal(notModified(undefined, mtime), false);
  });

  it('end when the first rule that fits says', () => {
    const rules = expiryRules({
      ...NO_RULES,
      staticExpires: ['\\.css$ 60'],
      staticExpiresTypeMtime: [{ name: 'image/png', value: '5' }],
    });
    const file = { path: '/a.css', uri: '/x', pathInfo: '/x', type: 'image/png', mtimeMs: 1000 };
    assert.equal(expiresAt(rules, file, 0), 'Thu, 01 Jan 1970 00:01:00 GMT');
    assert.equal(expiresAt(rules, { ...file, path: '/a' }, 0), 'Thu, 01 Jan 1970 00:00:06 GMT');
    assert.equal(expiresAt(rules, { ...file, path: '/a', type: undefined }, 0), undefined);
  });
});

describe('compressed files', () => {
  it('are chosen by what the client takes', () => {
    assert.deepEqual(acceptedCodings('gzip, deflate, br'), ['br', 'gzip']);
    assert.deepEqual(acceptedCodings('gzip;q=0, br;q=0.5'), ['br']);
    assert.deepEqual(acceptedCodings('identity'), []);
    assert.deepEqual(acceptedCodings(undefined), []);
  });
});
