/**
 * From Node's own type stripping to tsx, at the first module that needs it. Most TypeScript does not, and a worker
 * is 30 MB smaller without tsx; which module does is known at the latest when it is resolved, be it while the
 * application is loaded or by an `import()` years later. From there on tsx loads whatever TypeScript is new.
 */
import * as nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';
import {
  isDependency,
  mayBeFoundByTsx,
  needsTsx,
  resolveFrom,
  typescriptFile,
} from './needs-tsx.js';
import { registerTsx } from './register-tsx.js';
import { asWritten, formatOf } from './typescript-hooks.js';

type Resolved = nodeModule.ResolveFnOutput;
type Context = nodeModule.ResolveHookContext;
type Next = (specifier: string, context: Context) => Resolved;
type ResolveSync = (specifier: string, context: Context, next: Next) => Resolved;

const { registerHooks } = nodeModule as unknown as {
  readonly registerHooks?: (hooks: { readonly resolve: ResolveSync }) => unknown;
};

/** Versions from which on tsx has its hooks in the thread that imports; before, they cannot be added while modules load. */
const TSX_IN_THREAD: Readonly<Record<number, readonly [minor: number, patch: number]>> = {
  22: [22, 3],
  24: [11, 1],
  25: [1, 0],
};

const { typescript } = process.features as { readonly typescript?: unknown };

/** Whether Node strips types, and what that cannot do can be left to tsx later. */
export const CAN_SWITCH =
  registerHooks !== undefined && typeof typescript === 'string' && hasTsxInThread();

function hasTsxInThread(): boolean {
  const [major = 0, minor = 0, patch = 0] = process.versions.node.split('.').map(Number);
  const [fromMinor, fromPatch] = TSX_IN_THREAD[major] ?? [0, 0];
  return (
    major > 25 ||
    (major in TSX_IN_THREAD && (minor > fromMinor || (minor === fromMinor && patch >= fromPatch)))
  );
}

/** Of the file whose import is under way: its tsconfig.json counts. */
let entry = '';
let following = false;
let switched = false;

/** Modules of the application that were resolved, and those of the link that is under way. */
const known = new Set<string>();
let linking: Set<string> | undefined;

/** Modules that Node has seen, and failed to link: a query makes them others to it. */
const again = new Set<string>();

/** From now on whatever Node cannot load goes to tsx, first of all in `file` and what it imports. */
export function followTypescript(file: string): void {
  entry = file;
  if (switched) switchToTsx();
  if (!following) registerHooks?.({ resolve: resolveFirst });
  following = true;
}

/** From now on all TypeScript goes to tsx. */
export function switchToTsx(): void {
  switched = true;
  if (registerTsx(entry)) registerHooks?.({ resolve: resolveOverTsx });
}

const LINKED = 'linked';

/**
 * Loads and links a module without running anything of it: in front of it something is imported that throws.
 * Undefined, or what made that fail; then nothing has been run, and all of it can be loaded in another way.
 */
export async function linkFailure(url: string): Promise<unknown> {
  const stop = dataModule(`throw ${JSON.stringify(LINKED)};`);
  const names = [stop, url].map((name) => `import ${JSON.stringify(name)};`);
  linking = new Set();
  try {
    await import(dataModule(names.join('\n')));
  } catch (error) {
    if (error !== LINKED) for (const module of linking) again.add(module);
    return error === LINKED ? undefined : error;
  } finally {
    linking = undefined;
  }
  return undefined;
}

function dataModule(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/** Between tsx, once it is there, and Node. */
function resolveFirst(specifier: string, context: Context, next: Next): Resolved {
  if (switched) return note(next(specifier, context));
  let resolved: Resolved;
  try {
    resolved = next(specifier, context);
  } catch (error) {
    resolved = next(foundByTsx(specifier, context, error), context);
  }
  return note(transformable(resolved, context));
}

/** In front of tsx. */
function resolveOverTsx(specifier: string, context: Context, next: Next): Resolved {
  const resolved = asWritten(next(specifier, context));
  const renamed = again.has(resolved.url) && resolved.format !== 'commonjs';
  return renamed && context.conditions.includes('import')
    ? { ...resolved, url: `${resolved.url}?tsx` }
    : resolved;
}

function note(resolved: Resolved): Resolved {
  const { url } = resolved;
  if (!url.startsWith('file:') || isDependency(url)) return resolved;
  if (!known.has(url)) linking?.add(url);
  known.add(url);
  return resolved;
}

/** Switches where the module is one for tsx, which then loads it. */
function transformable(resolved: Resolved, { conditions }: Context): Resolved {
  const file = known.has(resolved.url) ? undefined : typescriptFile(resolved.url);
  if (file === undefined || !needsTsx(file, conditions.includes('import'))) return resolved;
  switchToTsx();
  return { ...resolved, format: formatOf(file) };
}

/** What tsx finds under a name that Node did not find, as a URL for `import` and as a path for `require`. */
function foundByTsx(specifier: string, context: Context, error: unknown): string {
  const parent = typescriptFile(context.parentURL);
  if (parent === undefined || !mayBeFoundByTsx(specifier, parent, entry, error)) throw error;
  switchToTsx();
  const found = resolveFrom(parent, specifier);
  if (found === undefined) throw error;
  return context.conditions.includes('import') ? pathToFileURL(found).href : found;
}
