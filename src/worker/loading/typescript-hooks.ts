/**
 * A module hook in front of tsx: a `.ts` file in a package without `"type"` is an ES module where it is
 * written as one. That is what Node decides where it strips types itself; tsx takes it for CommonJS, where
 * top-level await is an error. Where Node has no hooks in the thread that imports, this file is loaded by
 * its thread for hooks.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { ResolveFnOutput, ResolveHook } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasModuleSyntax } from './typescript-source.js';

/** tsx marks what it takes for CommonJS with queries, one of them escaped into the path. */
const FILE_URL = /^(file:.+?\.ts)(?:$|\?|%3F)/;

export const resolve: ResolveHook = async (specifier, context, next) =>
  asWritten(await next(specifier, context));

export function asWritten(resolved: ResolveFnOutput): ResolveFnOutput {
  const url = resolved.format === 'module' ? undefined : FILE_URL.exec(resolved.url)?.[1];
  return url !== undefined && isUntypedModule(fileURLToPath(url))
    ? { ...resolved, url, format: 'module' }
    : resolved;
}

/**
 * What the file is by its name, by its package, or, where these say nothing, by its text.
 */
export function formatOf(file: string): 'module' | 'commonjs' {
  if (/\.[mc]ts$/.test(file)) return file.endsWith('.mts') ? 'module' : 'commonjs';
  return packageType(file) === 'module' || isUntypedModule(file) ? 'module' : 'commonjs';
}

/** A `.ts` file whose package does not say what it is, written as an ES module. */
function isUntypedModule(file: string): boolean {
  return file.endsWith('.ts') && packageType(file) === undefined && isWrittenAsModule(file);
}

/** A `.ts` file written as an ES module in a package that says that it is CommonJS. */
export function isMislabelledModule(file: string): boolean {
  return file.endsWith('.ts') && packageType(file) === 'commonjs' && isWrittenAsModule(file);
}

function isWrittenAsModule(file: string): boolean {
  return hasModuleSyntax(readFileSync(file, 'utf8'));
}

/** `"type"` of the package that the file belongs to. */
function packageType(file: string): unknown {
  for (let at = dirname(file); ; at = dirname(at)) {
    const manifest = join(at, 'package.json');
    if (existsSync(manifest)) {
      return (JSON.parse(readFileSync(manifest, 'utf8')) as { type?: unknown }).type;
    }
    if (at === dirname(at)) return undefined;
  }
}
