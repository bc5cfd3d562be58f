import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { loadAddon } from '../../src/binding/load.js';

/** Names that `src/binding/native.ts` declares in an interface, read from its source. */
function declaredMembers(interfaceName: string): string[] {
  const source = ['native.ts', 'boundary-constants.ts']
    .map((file) => readFileSync(new URL(`../../src/binding/${file}`, import.meta.url), 'utf8'))
    .join('\n');
  const start = source.indexOf(`export interface ${interfaceName} {`);
  assert.notEqual(start, -1, `native.ts declares ${interfaceName}`);
  const body = source.slice(start, source.indexOf('\n}', start));
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[(:]/gm)]
    .map((match) => match[1] ?? '')
    .sort();
}

describe('the surface of the addon', () => {
  const addon = loadAddon();

  it('exports exactly what native.ts declares', () => {
    assert.deepEqual(Object.keys(addon).sort(), declaredMembers('NativeAddon'));
  });

  it('gives the core exactly the members that native.ts declares', () => {
    const members = Object.getOwnPropertyNames(addon.Core.prototype as object).filter(
      (name) => name !== 'constructor',
    );
    assert.deepEqual(members.sort(), declaredMembers('NativeCore'));
  });

  it('exports every constant that native.ts declares', () => {
    assert.deepEqual(Object.keys(addon.constants).sort(), declaredMembers('BoundaryConstants'));
  });

  it('knows the environ keys that every request has', () => {
    for (const key of ['CONTENT_TYPE', 'CONTENT_LENGTH', 'HTTP_HOST', 'HTTP_COOKIE']) {
      assert.ok(addon.environKeys.includes(key), key);
    }
    assert.equal(new Set(addon.environKeys).size, addon.environKeys.length);
  });

  it('throws a TypeError that names a missing option', () => {
    const callbacks = { dispatch: () => 0, event: () => undefined };
    assert.throws(
      () => new addon.Core({ mode: 'loop' } as never, callbacks),
      /core option is missing: limits/,
    );
  });

  it('reports a bind failure with code and system call', () => {
    const options = { host: '127.0.0.1', port: 0, backlog: 8, reusePort: false };
    const first = addon.bindListener(options);
    try {
      assert.throws(
        () => addon.bindListener({ ...options, port: first.port }),
        (error: NodeJS.ErrnoException) => error.code === 'EADDRINUSE' && error.syscall === 'bind',
      );
    } finally {
      addon.closeListener(first.fd);
    }
  });
});
