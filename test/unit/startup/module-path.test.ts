import assert from 'node:assert/strict';
import { join } from 'node:path';
import { tempFiles } from '../../helpers/temp-dir.js';
import { findModule, parseModuleSpecifier, pythonPath } from '../../../src/startup/module-path.js';

describe('--module', () => {
  const specifiers: readonly (readonly [string, string, string | undefined])[] = [
    ['app', 'app', undefined],
    ['app:application', 'app', 'application'],
    ['app:make()', 'app', 'make()'],
    ['app:site.wsgi', 'app', 'site.wsgi'],
    ['./dir/app.ts:$x_1', './dir/app.ts', '$x_1'],
    ['@scope/pkg/sub:make', '@scope/pkg/sub', 'make'],
    ['/a:b/app.ts', '/a:b/app.ts', undefined],
    ['app:', 'app:', undefined],
    ['app:make(1)', 'app:make(1)', undefined],
  ];
  for (const [text, module, callable] of specifiers) {
    it(`splits ${text}`, () => {
      assert.deepEqual(parseModuleSpecifier(text), { module, callable });
    });
  }

  const root = (): string =>
    tempFiles({
      'app.ts': '',
      'both.js': '',
      'both.ts': '',
      'site/wsgi.mjs': '',
      'dir/index.cts': '',
      'main/package.json': '{"main":"lib/start"}',
      'main/lib/start.js': '',
      'node_modules/plain/package.json': '{"main":"entry.js"}',
      'node_modules/plain/entry.js': '',
      'node_modules/@scope/esm/package.json': JSON.stringify({
        exports: {
          '.': { import: './esm.mjs' },
          './sub': { node: { import: './sub.mjs' }, default: './no.js' },
          './types': { types: './t.d.ts' },
        },
      }),
      'node_modules/@scope/esm/esm.mjs': '',
      'node_modules/@scope/esm/sub.mjs': '',
      'deep/er/x.js': '',
    });

  it('finds files, with and without extension, directories and dotted names', () => {
    const at = root();
    const cases: readonly (readonly [string, string])[] = [
      ['app', 'app.ts'],
      ['app.ts', 'app.ts'],
      ['./app', 'app.ts'],
      ['both', 'both.ts'],
      ['both.js', 'both.js'],
      ['site.wsgi', 'site/wsgi.mjs'],
      ['site/wsgi', 'site/wsgi.mjs'],
      ['dir', 'dir/index.cts'],
      ['main', 'main/lib/start.js'],
    ];
    for (const [name, file] of cases) assert.equal(findModule(name, [at]), join(at, file), name);
    assert.equal(findModule(join(at, 'app'), []), join(at, 'app.ts'));
  });

  it('finds packages, also those that export for import only, from a directory below', () => {
    const at = root();
    const below = join(at, 'deep/er');
    const cases: readonly (readonly [string, string])[] = [
      ['plain', 'node_modules/plain/entry.js'],
      ['@scope/esm', 'node_modules/@scope/esm/esm.mjs'],
      ['@scope/esm/sub', 'node_modules/@scope/esm/sub.mjs'],
    ];
    for (const [name, file] of cases) assert.equal(findModule(name, [below]), join(at, file), name);
    for (const name of ['@scope/esm/types', '@scope/esm/none', 'nowhere', './plain', '@scope']) {
      assert.equal(findModule(name, [below]), undefined, name);
    }
  });

  it('searches directories in order', () => {
    const [first, second] = [
      tempFiles({ 'app.js': '' }),
      tempFiles({ 'app.ts': '', 'only.js': '' }),
    ];
    assert.equal(findModule('app', [first, second]), join(first, 'app.js'));
    assert.equal(findModule('only', [first, second]), join(second, 'only.js'));
  });
});

describe('--pythonpath', () => {
  it('puts the last directory first', () => {
    assert.deepEqual(pythonPath(['/a', 'b'], '/srv'), ['/srv/b', '/a']);
  });

  it('expands globs to the directories that match', () => {
    const at = tempFiles({
      'apps/one/lib/x.js': '',
      'apps/two/lib/x.js': '',
      'apps/.hidden/lib/x.js': '',
      'apps/file': '',
    });
    assert.deepEqual(pythonPath(['apps/*/lib'], at), [
      join(at, 'apps/one/lib'),
      join(at, 'apps/two/lib'),
    ]);
    assert.deepEqual(pythonPath(['apps/t?o'], at), [join(at, 'apps/two')]);
    assert.deepEqual(pythonPath(['none/*'], at), []);
  });
});
