/** tsx and our hook in front of it, in the thread that imports or in Node's own for hooks. */
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as commonJsApi from 'tsx/cjs/api';
import type * as esmApi from 'tsx/esm/api';

/** Where tsx looks for tsconfig.json by itself: in the working directory and above it. */
const TSCONFIG = 'TSX_TSCONFIG_PATH';

const requireHere = createRequire(import.meta.url);

interface Tsx {
  readonly esm: typeof esmApi;
  readonly commonjs: typeof commonJsApi;
}

const registered = new Set<string | undefined>();

/**
 * For the module `file` and what it imports, as the nearest tsconfig.json above it says, with hooks in Node's
 * thread for them; ours stand in front.
 */
export async function registerTsxInThread(file: string): Promise<void> {
  const [esm, commonjs] = await Promise.all([import('tsx/esm/api'), import('tsx/cjs/api')]);
  if (register(file, { esm, commonjs }))
    nodeModule.register('./typescript-hooks.js', import.meta.url);
}

/**
 * The same with hooks in the thread that imports, also in the midst of an import; it leaves our hook to the caller.
 * False where that tsconfig.json counts already.
 */
export function registerTsx(file: string): boolean {
  const esm = requireHere('tsx/esm/api') as typeof esmApi;
  const commonjs = requireHere('tsx/cjs/api') as typeof commonJsApi;
  return register(file, { esm, commonjs });
}

function register(file: string, { esm, commonjs }: Tsx): boolean {
  const tsconfig = tsconfigFor(file);
  if (registered.has(tsconfig)) return false;
  registered.add(tsconfig);
  // One that cannot be read, as where it extends a package that is not installed in production, is as none.
  const readable = tsconfig !== undefined && registerCommonJs(commonjs, tsconfig);
  if (!readable) commonjs.register();
  esm.register(readable ? { tsconfig } : {});
  return true;
}

/** It takes the name from the environment only, which the application must not find changed. */
function registerCommonJs(commonjs: typeof commonJsApi, tsconfig: string): boolean {
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

/** The tsconfig.json that counts for a module. */
export function tsconfigFor(file: string): string | undefined {
  return process.env[TSCONFIG] ?? nearestTsconfig(dirname(file));
}

function nearestTsconfig(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const file = join(at, 'tsconfig.json');
    if (existsSync(file)) return file;
    if (at === dirname(at)) return undefined;
  }
}
