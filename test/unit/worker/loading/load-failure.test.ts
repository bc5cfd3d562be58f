import assert from 'node:assert/strict';
import { AppLoadError } from '../../../../src/errors.js';
import { loadFields, ownStack } from '../../../../src/worker/loading/load-failure.js';

describe('the stack of what could not be loaded', () => {
  const OWN = 'Error: no database\n    at boom (/srv/app.ts:4:9)\n    at /srv/app.ts:7:1';

  it('ends with the module', () => {
    const loaders = [
      'at ModuleJob.run (node:internal/modules/esm/module_job:325:25)',
      `at async load (${new URL('../../../../src/worker/loading/app-loader.js', import.meta.url).href}:81:16)`,
      'at Object.transformer (file:///srv/node_modules/tsx/dist/require.mjs:9:2716)',
    ];
    assert.equal(ownStack([OWN, ...loaders.map((line) => `    ${line}`)].join('\n')), OWN);
  });

  it('keeps what Node does between frames of the module', () => {
    const stack = `${OWN}\n    at JSON.parse (node:x)\n    at /srv/app.ts:1:1`;
    assert.equal(ownStack(stack), stack);
  });

  it('keeps the line of source of a syntax error', () => {
    const stack = "/srv/app.cjs:4\n  return [;\n         ^\n\nSyntaxError: Unexpected token ';'";
    assert.equal(ownStack(`${stack}\n    at wrapSafe (node:internal:1:1)`), stack);
  });

  it('is left out where only the message is left', () => {
    assert.equal(ownStack('SyntaxError: x\n    at compile (node:internal:1:1)'), undefined);
    const one = 'Error: Transform failed with 1 error:\n/srv/app.ts:4:10: ERROR: Unexpected ";"';
    assert.equal(
      ownStack(`${one}\n    at fail (/srv/node_modules/esbuild/lib/main.js:1:1)`),
      undefined,
    );
  });

  it('belongs to errors only', () => {
    const reason = 'app.ts threw';
    assert.deepEqual(loadFields(new AppLoadError(reason, { cause: 'text' })), { reason });
    const cause = Object.assign(new Error('no database'), { stack: OWN });
    assert.deepEqual(loadFields(new AppLoadError(reason, { cause })), { reason, stack: OWN });
  });
});
