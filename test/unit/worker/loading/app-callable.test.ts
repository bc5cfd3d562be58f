import assert from 'node:assert/strict';
import { AppLoadError } from '../../../../src/errors.js';
import { pickCallable } from '../../../../src/worker/loading/app-callable.js';

const app = (): string => 'application';
const other = (): string => 'other';

async function pick(namespace: Record<string, unknown>, wanted?: string): Promise<unknown> {
  return pickCallable(namespace, wanted, '/app.ts');
}

describe('callable', () => {
  it('is the export application, then the default export', async () => {
    assert.equal(await pick({ application: app, default: other }), app);
    assert.equal(await pick({ default: app, other }), app);
  });

  it('is found inside a CommonJS module', async () => {
    assert.equal(await pick({ default: { application: app } }), app);
    assert.equal(await pick({ default: app }), app);
    assert.equal(await pick({ default: { __esModule: true, default: app } }), app);
    assert.equal(await pick({ default: { named: app } }, 'named'), app);
  });

  it('is what --callable names, also inside an object', async () => {
    assert.equal(await pick({ application: other, named: app }, 'named'), app);
    assert.equal(await pick({ site: { wsgi: app } }, 'site.wsgi'), app);
    assert.equal(await pick({ default: app }, 'default'), app);
  });

  it('is what a factory returns or promises', async () => {
    assert.equal(await pick({ make: () => app }, 'make()'), app);
    assert.equal(await pick({ make: async () => Promise.resolve(app) }, 'make()'), app);
    assert.equal(await pick({ default: () => app }, 'default()'), app);
  });

  const failures: readonly (readonly [
    string,
    Record<string, unknown>,
    string | undefined,
    RegExp,
  ])[] = [
    [
      'nothing is exported',
      {},
      undefined,
      /exports neither 'application' nor a default callable; it exports nothing/,
    ],
    [
      'the name is another',
      { app, config: {} },
      undefined,
      /it exports app \(a function\), config \(an object\); name one with --callable, as --callable app$/,
    ],
    ['nothing is exported by CommonJS', { default: {} }, undefined, /it exports nothing$/],
    [
      '--callable is not there',
      { app },
      'missing',
      /has no export 'missing'; it exports app \(a function\)/,
    ],
    ['--callable is inside nothing', { app }, 'app.wsgi', /has no export 'app.wsgi'/],
    [
      'it is no function',
      { application: [1] },
      undefined,
      /the export 'application' of \/app.ts is not callable: it is an array/,
    ],
    [
      'it is a class',
      {
        application: class App {
          readonly name = 'app';
        },
      },
      undefined,
      /is a class/,
    ],
    [
      'the factory is no function',
      { make: 'x' },
      'make()',
      /the factory 'make' of \/app.ts is not callable: it is a string/,
    ],
    [
      'the factory returns no function',
      { make: () => null },
      'make()',
      /what make\(\) of \/app.ts returned is not callable: it is null/,
    ],
    [
      'the factory throws',
      {
        make: () => {
          throw new TypeError('no database');
        },
      },
      'make()',
      /the factory make\(\) of \/app.ts threw: TypeError: no database/,
    ],
  ];
  for (const [name, namespace, wanted, message] of failures) {
    it(`is an AppLoadError where ${name}`, async () => {
      await assert.rejects(pick(namespace, wanted), (error: unknown) => {
        assert.ok(error instanceof AppLoadError);
        assert.match(error.message, message);
        assert.equal(error.exitCode, 22);
        return true;
      });
    });
  }
});
