import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { existsSync } from 'node:fs';
import { root } from './run.mjs';

const require = createRequire(import.meta.url);

/** How clang's tools see the native sources: the standard, our include root, and the headers of Node as system headers. */
export function clangFlags() {
  const nodeHeaders = [process.env.npm_config_nodedir, dirname(dirname(process.execPath)), '/usr']
    .filter((prefix) => prefix !== undefined)
    .map((prefix) => join(prefix, 'include', 'node'))
    .find((path) => existsSync(join(path, 'node_api.h')));
  const napiHeaders = dirname(require.resolve('node-addon-api/package.json'));
  return [
    '-std=c++17',
    `-I${join(root, 'native')}`,
    `-isystem${napiHeaders}`,
    ...(nodeHeaders ? [`-isystem${nodeHeaders}`] : []),
    // What binding.gyp takes from package.json.
    '-DTSUWSGI_VERSION="0"',
    '-DNAPI_VERSION=9',
    '-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
    '-DNODE_ADDON_API_DISABLE_DEPRECATED',
  ];
}
