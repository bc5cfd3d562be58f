/**
 * Where the module that `--module` names is: a file, a directory, or a package, in the directories
 * that are searched.
 */
import { existsSync, readdirSync, readFileSync, statSync, type Stats } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** Extensions that are tried, in this order, and what an `index` may end with. */
export const MODULE_EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'] as const;

/** `module:callable`, `module:make()`. */
export interface ModuleSpecifier {
  readonly module: string;
  readonly callable: string | undefined;
}

const CALLABLE = /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*(\(\))?$/;

export function parseModuleSpecifier(text: string): ModuleSpecifier {
  const colon = text.lastIndexOf(':');
  const callable = colon < 0 ? '' : text.slice(colon + 1);
  if (!CALLABLE.test(callable)) return { module: text, callable: undefined };
  return { module: text.slice(0, colon), callable };
}

/** The file of a module name; undefined where there is none in any of `directories`. */
export function findModule(name: string, directories: readonly string[]): string | undefined {
  if (isAbsolute(name)) return findFile(name);
  const relative = name.startsWith('./') || name.startsWith('../');
  for (const directory of directories) {
    const found =
      findFile(resolve(directory, name)) ?? (relative ? undefined : findNamed(name, directory));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A dotted name as Python writes it (`package.module`), or a package. */
function findNamed(name: string, directory: string): string | undefined {
  const dotted = name.includes('.')
    ? findFile(resolve(directory, name.replaceAll('.', '/')))
    : undefined;
  return dotted ?? findPackage(name, directory);
}

function findFile(path: string): string | undefined {
  if (isFile(path)) return path;
  const withExtension = MODULE_EXTENSIONS.map((extension) => path + extension).find(isFile);
  if (withExtension !== undefined || !isDirectory(path)) return withExtension;
  return (
    findPackageMain(path) ??
    MODULE_EXTENSIONS.map((extension) => join(path, `index${extension}`)).find(isFile)
  );
}

function findPackageMain(directory: string): string | undefined {
  if (!existsSync(join(directory, 'package.json'))) return undefined;
  const manifest = readManifest(directory);
  const target = exportTarget(manifest.exports, '.') ?? manifest.main;
  return target === undefined ? undefined : findFile(resolve(directory, target));
}

/** In `node_modules` of `directory` and of its parents. */
function findPackage(name: string, directory: string): string | undefined {
  try {
    return createRequire(join(directory, 'noop.js')).resolve(name);
  } catch {
    return findImportOnly(name, directory);
  }
}

/** `require` does not see packages that export for `import` only. */
function findImportOnly(name: string, directory: string): string | undefined {
  const parts = name.split('/');
  const packageName = parts.splice(0, name.startsWith('@') ? 2 : 1).join('/');
  const subpath = ['.', ...parts].join('/');
  for (let at = resolve(directory); ; at = dirname(at)) {
    const root = join(at, 'node_modules', packageName);
    if (existsSync(join(root, 'package.json'))) {
      const target = exportTarget(readManifest(root).exports, subpath);
      return target === undefined ? undefined : findFile(resolve(root, target));
    }
    if (at === dirname(at)) return undefined;
  }
}

interface Manifest {
  readonly main?: string;
  readonly exports?: unknown;
}

function readManifest(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
}

const CONDITIONS = new Set(['node', 'import', 'module-sync', 'default', 'require']);

/** The file that package.json's `exports` gives for `subpath` without patterns. */
function exportTarget(exports: unknown, subpath: string): string | undefined {
  if (typeof exports === 'string') return subpath === '.' ? exports : undefined;
  if (typeof exports !== 'object' || exports === null) return undefined;
  const entries = Object.entries(exports as Record<string, unknown>);
  const subpaths = entries.some(([key]) => key.startsWith('.'));
  if (subpaths) return conditionTarget((exports as Record<string, unknown>)[subpath]);
  return subpath === '.' ? conditionTarget(exports) : undefined;
}

function conditionTarget(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, nested] of Object.entries(target)) {
    if (!CONDITIONS.has(condition)) continue;
    const found = conditionTarget(nested);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The directories that `--pythonpath` values name: globs give every directory that matches. The
 * last value is searched first.
 */
export function pythonPath(patterns: readonly string[], workingDirectory: string): string[] {
  return [...patterns]
    .reverse()
    .flatMap((pattern) => expandGlob(resolve(workingDirectory, pattern)));
}

const GLOB = /[*?[]/;

function expandGlob(pattern: string): string[] {
  if (!GLOB.test(pattern)) return [pattern];
  let found = ['/'];
  for (const part of pattern.split('/').filter((piece) => piece !== '')) {
    found = found.flatMap((directory) =>
      GLOB.test(part) ? matching(directory, part) : [join(directory, part)],
    );
  }
  return found.filter(isDirectory);
}

function isFile(path: string): boolean {
  return stat(path)?.isFile() === true;
}

function isDirectory(path: string): boolean {
  return stat(path)?.isDirectory() === true;
}

/** What cannot be looked at is not there. */
function stat(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function matching(directory: string, pattern: string): string[] {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const matcher = new RegExp(`^${source}$`);
  try {
    return readdirSync(directory)
      .filter((name) => matcher.test(name) && (!name.startsWith('.') || pattern.startsWith('.')))
      .sort()
      .map((name) => join(directory, name));
  } catch {
    return [];
  }
}
