/** Which modules, and which names of modules, are a matter for tsx where Node strips types. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsconfigFor } from './register-tsx.js';
import { formatOf, isMislabelledModule } from './typescript-hooks.js';
import { isMoreThanTypes } from './typescript-source.js';

const TYPESCRIPT_URL = /^file:[^?#]+\.(?:[mc]?ts|[jt]sx)(?=$|[?#])/;

/** The path of a module that Node or tsx takes for TypeScript. */
export function typescriptFile(url: string | undefined): string | undefined {
  const plain = TYPESCRIPT_URL.exec(url ?? '')?.[0];
  return plain === undefined ? undefined : fileURLToPath(plain);
}

/** Of an installed package: Node strips no types there. */
export function isDependency(pathOrUrl: string): boolean {
  return pathOrUrl.includes('/node_modules/');
}

export function needsTsx(file: string, imported: boolean): boolean {
  if (isDependency(file) || file.endsWith('x')) return true;
  const source = readFileSync(file, 'utf8');
  return (
    isMoreThanTypes(source) ||
    isMislabelledModule(file) ||
    (imported && formatOf(file) === 'commonjs' && requiresWithoutExtension(file, source))
  );
}

const REQUIRE = /\brequire\(\s*['"](\.[^'"]*)['"]/g;

/** Node 22 asks no hook for the names that imported CommonJS requires. */
function requiresWithoutExtension(file: string, source: string): boolean {
  return [...source.matchAll(REQUIRE)].some(
    ([, name = '']) => hasNamesake(file, name) && resolveFrom(file, name) === undefined,
  );
}

/** What `require` finds, with tsx or without. */
export function resolveFrom(file: string, name: string): string | undefined {
  try {
    return createRequire(file).resolve(name);
  } catch {
    return undefined;
  }
}

const NOT_FOUND = new Set([
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'MODULE_NOT_FOUND',
]);

/** Modules that need not be there are asked for as well; tsx is not loaded for these. */
export function mayBeFoundByTsx(
  name: string,
  parent: string,
  entry: string,
  error: unknown,
): boolean {
  if (!NOT_FOUND.has((error as NodeJS.ErrnoException).code ?? '')) return false;
  return name.startsWith('.') ? hasNamesake(parent, name) : hasAliases(entry);
}

/** A file of the same name with another extension, or a directory. */
function hasNamesake(parent: string, name: string): boolean {
  const path = resolve(dirname(parent), name);
  const stem = basename(path).replace(/\.[mc]?jsx?$/, '');
  try {
    return readdirSync(dirname(path)).some((file) => file === stem || file.startsWith(`${stem}.`));
  } catch {
    return false;
  }
}

function hasAliases(entry: string): boolean {
  const tsconfig = tsconfigFor(entry);
  if (tsconfig === undefined) return false;
  return /"(?:paths|baseUrl|extends)"/.test(readFileSync(tsconfig, 'utf8'));
}
