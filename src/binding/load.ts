import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { TsuwsgiError } from '../errors.js';
import type { NativeAddon } from './native.js';

const require = createRequire(import.meta.url);
const packageRoot = fileURLToPath(new URL('../../', import.meta.url));

let loaded: NativeAddon | undefined;

/** No binary of the addon fits this platform, or it belongs to another version of the package. */
export class AddonLoadError extends TsuwsgiError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('ERR_TSUWSGI_ADDON', message, { exitCode: 1, ...options });
  }
}

/**
 * Loads the native addon: `build/Release` in a checkout, `prebuilds/` in the published package.
 * The only place that requires a `.node` file.
 */
export function loadAddon(): NativeAddon {
  loaded ??= checkVersion(requireAddon());
  return loaded;
}

const HOW_TO_BUILD =
  'in a checkout run "npm run build:native", elsewhere "npx node-gyp rebuild" in the package directory (needs python3, make and g++)';

function requireAddon(): NativeAddon {
  const findAddon = require('node-gyp-build') as (directory: string) => NativeAddon;
  try {
    return findAddon(packageRoot);
  } catch (cause) {
    const platform = `${process.platform}-${process.arch}`;
    throw new AddonLoadError(
      `no native binary for ${platform} with Node ${process.version}; ${HOW_TO_BUILD}`,
      { cause },
    );
  }
}

function checkVersion(addon: NativeAddon): NativeAddon {
  const { version } = require('../../package.json') as { version: string };
  if (addon.version !== version) {
    throw new AddonLoadError(
      `the native binary is of version ${addon.version}, the package of version ${version}; to build it again, ${HOW_TO_BUILD}`,
    );
  }
  return addon;
}
