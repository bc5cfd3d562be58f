/**
 * `--pythonpath` for what the application itself imports: a bare name that Node does not find is
 * looked for in these directories, as `--module` is.
 */
import * as nodeModule from 'node:module';
import { delimiter } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findModule } from '../../startup/module-path.js';

type Resolved = nodeModule.ResolveFnOutput;
type NextSync = (specifier: string, context?: Partial<nodeModule.ResolveHookContext>) => Resolved;
type ResolveSync = (
  specifier: string,
  context: nodeModule.ResolveHookContext,
  next: NextSync,
) => Resolved;

/** Since Node 22.15: hooks in the same thread, for import and require. */
const { registerHooks } = nodeModule as unknown as {
  readonly registerHooks?: (hooks: { readonly resolve: ResolveSync }) => unknown;
};

/** Makes Node look in `directories` too. */
export function extendSearchPath(directories: readonly string[]): void {
  if (directories.length === 0) return;
  if (registerHooks !== undefined) {
    registerHooks({ resolve: syncHook(directories) });
    return;
  }
  nodeModule.register('./search-path-hooks.js', import.meta.url, { data: directories });
  extendRequire(directories);
}

/** The search itself resolves names, which from Node 24 on comes back here: it is not searched for within a search. */
function syncHook(directories: readonly string[]): ResolveSync {
  let searching = false;
  return (specifier, context, next) => {
    try {
      return next(specifier, context);
    } catch (error) {
      if (searching) throw error;
      searching = true;
      let found: string;
      try {
        found = foundInstead(specifier, directories, error);
      } finally {
        searching = false;
      }
      return next(found, context);
    }
  };
}

/**
 * The module in one of the directories, as a path for `require` and as a URL for `import`; throws
 * `error` where there is none.
 */
export function foundInstead(
  specifier: string,
  directories: readonly string[],
  error: unknown,
): string {
  const { code } = error as NodeJS.ErrnoException;
  const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  const file = missing && BARE.test(specifier) ? findModule(specifier, directories) : undefined;
  if (file === undefined) throw error;
  return code === 'MODULE_NOT_FOUND' ? file : pathToFileURL(file).href;
}

/** Neither a path nor a URL. */
const BARE = /^(?![./]|[a-z]+:)/i;

/**
 * NODE_PATH is read when Node starts, and by this function, which exists for the case that it
 * changed.
 */
function extendRequire(directories: readonly string[]): void {
  const { NODE_PATH: before } = process.env;
  process.env['NODE_PATH'] = [...directories, ...(before === undefined ? [] : [before])].join(
    delimiter,
  );
  (nodeModule.Module as unknown as { _initPaths(): void })._initPaths();
}
