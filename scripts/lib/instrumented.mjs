import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buildAddon } from './node-gyp.mjs';
import { root } from './run.mjs';

/** Builds of the addon that are named after a sanitizer, with their values of binding.gyp's `tsuwsgi_sanitize`. */
export const sanitizers = { asan: 'address,undefined', tsan: 'thread' };

/** What TSUWSGI_NATIVE_PREBUILD must name so that the loader takes the instrumented addon. */
export function instrumentedRoot(variant) {
  return join(root, '.cache', variant);
}

/** Builds the addon with a sanitizer, in a directory that shares everything but `build/` with the checkout. */
export async function buildInstrumented(variant) {
  const stage = instrumentedRoot(variant);
  mkdirSync(stage, { recursive: true });
  for (const name of ['package.json', 'binding.gyp', 'native', 'node_modules']) {
    if (!existsSync(join(stage, name))) symlinkSync(join(root, name), join(stage, name));
  }
  await buildAddon(stage, [`tsuwsgi_sanitize=${sanitizers[variant]}`]);
}
