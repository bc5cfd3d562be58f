/** tsx and our hook in front of it, in the thread that imports or in Node's own for hooks. */
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { resolveSync, type ResolveHookSync } from './typescript-hooks.js';

/** Where tsx looks for tsconfig.json by itself: in the working directory and above it. */
const TSCONFIG = 'TSX_TSCONFIG_PATH';

/**
 * From Node 26 on `register()` is deprecated, and a warning in each worker; tsx does without it there too. Before, the two
 * kinds of hooks would meet.
 */
const { registerHooks } = nodeModule as unknown as {
  readonly registerHooks?: (hooks: { readonly resolve: ResolveHookSync }) => unknown;
};
const [NODE_MAJOR = 0] = process.versions.node.split('.').map(Number);

/** For the module `file` and what it imports, as the nearest tsconfig.json above it says. */
export async function registerTsx(file: string): Promise<void> {
  const [esm, commonjs] = await Promise.all([import('tsx/esm/api'), import('tsx/cjs/api')]);
  const tsconfig = process.env[TSCONFIG] ?? nearestTsconfig(dirname(file));
  // One that cannot be read, as where it extends a package that is not installed in production, is as none.
  const readable = tsconfig !== undefined && registerCommonJs(commonjs, tsconfig);
  if (!readable) commonjs.register();
  esm.register(readable ? { tsconfig } : {});
}

interface CommonJs {
  register(): unknown;
}

/** It takes the name from the environment only, which the application must not find changed. */
function registerCommonJs(commonjs: CommonJs, tsconfig: string): boolean {
  const given = process.env[TSCONFIG];
  process.env[TSCONFIG] = tsconfig;
  try {
    commonjs.register();
    return true;
  } catch {
    return false;
  } finally {
    if (given === undefined) Reflect.deleteProperty(process.env, TSCONFIG);
  }
}

function nearestTsconfig(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const file = join(at, 'tsconfig.json');
    if (existsSync(file)) return file;
    if (at === dirname(at)) return undefined;
  }
}

/** Before Node 26 in a thread of Node's, about 10 MB: so only where it is needed. */
export function registerTypescriptHooks(): void {
  if (NODE_MAJOR >= 26 && registerHooks !== undefined) registerHooks({ resolve: resolveSync });
  else nodeModule.register('./typescript-hooks.js', import.meta.url);
}
