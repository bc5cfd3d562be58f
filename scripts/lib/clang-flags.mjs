import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { nodeHeadersPrefix } from './node-gyp.mjs';
import { root } from './run.mjs';

const require = createRequire(import.meta.url);

/** How clang's tools see the native sources: as binding.gyp has them compiled, the headers of Node as system headers. */
export function clangFlags() {
  const napiHeaders = dirname(require.resolve('node-addon-api/package.json'));
  return [
    '-std=c++17',
    `-I${join(root, 'native')}`,
    `-isystem${napiHeaders}`,
    `-isystem${join(nodeHeadersPrefix(), 'include', 'node')}`,
    ...addonDefines().map((define) => `-D${define}`),
    // What binding.gyp takes from package.json.
    '-DTSUWSGI_VERSION="0"',
  ];
}

/** The constants among what binding.gyp defines for the addon. */
function addonDefines() {
  const [, target] = readFileSync(join(root, 'binding.gyp'), 'utf8').split(
    '"target_name": "tsuwsgi_native"',
  );
  const [, list] = /"defines": \[(.*?)\n {6}\]/s.exec(target);
  return [...list.matchAll(/^ *"([A-Z0-9_]+(?:=\d+)?)",$/gm)].map(([, define]) => define);
}
