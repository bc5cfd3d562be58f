import assert from 'node:assert/strict';
import {
  decodePath,
  isBelow,
  originPath,
  pathBelow,
} from '../../../../src/worker/gateway/path-info.js';

describe('PATH_INFO', () => {
  const cases: readonly (readonly [raw: string, decoded: string])[] = [
    ['/plain', '/plain'],
    ['/a%20b', '/a b'],
    ['/a%2Fb', '/a/b'],
    ['/%e4%bd%a0', '/你'],
    ['/%F0%9F%98%80', '/😀'],
    ['/100%', '/100%'],
    ['/%zz%41', '/%zzA'],
    ['/%4', '/%4'],
    ['/%ff', '/\ufffd'],
    ['/%c3', '/\ufffd'],
    ['/%c3%28', '/\ufffd('],
    ['/%00', '/\0'],
    ['/\u00c3\u00a9', '/é'],
    ['/\u00e9', '/\ufffd'],
    ['/\u00c3%a9', '/é'],
    ['/%ed%a0%80', '/\ufffd\ufffd\ufffd'],
  ];
  for (const [raw, decoded] of cases) {
    it(`decodes ${JSON.stringify(raw)} to ${JSON.stringify(decoded)}`, () => {
      assert.equal(decodePath(raw), decoded);
    });
  }

  it('takes the path of a target in absolute form', () => {
    assert.equal(originPath('http://host.example/a/b'), '/a/b');
    assert.equal(originPath('http://host.example'), '/');
    assert.equal(originPath('/a://b'), '/a://b');
    assert.equal(originPath('*'), '*');
  });

  it('is what SCRIPT_NAME leaves of it, with or without a slash at its end', () => {
    for (const [scriptName, path, below] of [
      ['', '/x', '/x'],
      ['/', '/x', '/x'],
      ['/app', '/app', ''],
      ['/app', '/app/x', '/x'],
      ['/app/', '/app/x', '/x'],
      ['/app', '/application', ''],
    ] as const)
      assert.equal(pathBelow(scriptName, path), below);
  });

  it('is below a mountpoint where a part of the path ends', () => {
    assert.ok(isBelow('/static', '/static') && isBelow('/static/', '/static'));
    assert.ok(!isBelow('/staticx', '/static') && !isBelow('/stati', '/static'));
  });
});
