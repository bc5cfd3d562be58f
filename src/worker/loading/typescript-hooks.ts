/**
 * A module hook for Node versions that do not strip types, run in Node's hook thread in front of
 * tsx: a `.ts` file in a package without `"type"` is an ES module where it is written as one. That
 * is what later versions of Node decide; tsx takes it for CommonJS, where top-level await is an
 * error.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { ResolveFnOutput, ResolveHook, ResolveHookContext } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type ResolveHookSync = (
  specifier: string,
  context: ResolveHookContext,
  next: (specifier: string, context: ResolveHookContext) => ResolveFnOutput,
) => ResolveFnOutput;

const MODULE_SYNTAX = /^\s*(?:import\s*[\w*{'"]|export\s+[\w*{])/m;
const COMMONJS_IMPORT = /^\s*import\s+\w+\s*=\s*require\b/m;

/** tsx marks what it takes for CommonJS with queries, one of them escaped into the path. */
const FILE_URL = /^(file:.+?\.ts)(?:$|\?|%3F)/;

export const resolve: ResolveHook = async (specifier, context, next) =>
  asWritten(await next(specifier, context));

/** The same in the thread that imports, on versions of Node that want it there. */
export const resolveSync: ResolveHookSync = (specifier, context, next) =>
  asWritten(next(specifier, context));

function asWritten(resolved: ResolveFnOutput): ResolveFnOutput {
  const url = resolved.format === 'module' ? undefined : FILE_URL.exec(resolved.url)?.[1];
  return url !== undefined && isUntypedModule(fileURLToPath(url))
    ? { ...resolved, url, format: 'module' }
    : resolved;
}

/** A `.ts` file whose package does not say what it is, written as an ES module. */
export function isUntypedModule(file: string): boolean {
  return file.endsWith('.ts') && packageType(file) === undefined && hasModuleSyntax(file);
}

/** A `.ts` file written as an ES module in a package that says that it is CommonJS. */
export function isMislabelledModule(file: string): boolean {
  return file.endsWith('.ts') && packageType(file) === 'commonjs' && hasModuleSyntax(file);
}

function hasModuleSyntax(file: string): boolean {
  const source = readFileSync(file, 'utf8');
  return MODULE_SYNTAX.test(source) && !COMMONJS_IMPORT.test(source);
}

/** `"type"` of the package that the file belongs to. */
export function packageType(file: string): unknown {
  for (let at = dirname(file); ; at = dirname(at)) {
    const manifest = join(at, 'package.json');
    if (existsSync(manifest)) {
      return (JSON.parse(readFileSync(manifest, 'utf8')) as { type?: unknown }).type;
    }
    if (at === dirname(at)) return undefined;
  }
}
