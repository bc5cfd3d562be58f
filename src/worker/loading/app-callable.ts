import { AppLoadError } from '../../errors.js';
import type { Application } from '../../app/types.js';
import type { ModuleNamespace } from './module-import.js';

/** What is looked for without `--callable`. */
const DEFAULT_NAME = 'application';

/**
 * The application among a module's exports: `wanted` (a name, a dotted path, or either with `()`
 * for a factory), else the export `application`, else the default export.
 */
export async function pickCallable(
  namespace: ModuleNamespace,
  wanted: string | undefined,
  file: string,
): Promise<Application> {
  const name = wanted ?? defaultName(namespace);
  if (name === undefined) {
    throw new AppLoadError(
      `${file} exports neither '${DEFAULT_NAME}' nor a default callable; it exports ${exportList(namespace)}${chooseHint(namespace)}`,
    );
  }
  const factory = name.endsWith('()');
  const path = factory ? name.slice(0, -2) : name;
  const value = lookup(namespace, path);
  if (value === undefined) {
    throw new AppLoadError(`${file} has no export '${path}'; it exports ${exportList(namespace)}`);
  }
  const callable = factory ? await callFactory(value, path, file) : value;
  return requireCallable(
    callable,
    factory ? `what ${name} of ${file} returned` : `the export '${path}' of ${file}`,
  );
}

function defaultName(namespace: ModuleNamespace): string | undefined {
  if (lookup(namespace, DEFAULT_NAME) !== undefined) return DEFAULT_NAME;
  return typeof defaultExport(namespace) === 'function' ? 'default' : undefined;
}

/**
 * CommonJS modules have their exports inside `default`; compiled ones have a `default` in there
 * once more.
 */
function defaultExport(namespace: ModuleNamespace): unknown {
  const value = namespace['default'];
  return isRecord(value) && '__esModule' in value ? value['default'] : value;
}

function lookup(namespace: ModuleNamespace, path: string): unknown {
  if (path === 'default') return defaultExport(namespace);
  const [first = '', ...rest] = path.split('.');
  const inside = namespace['default'];
  let value: unknown = namespace[first] ?? (isRecord(inside) ? inside[first] : undefined);
  for (const part of rest) value = isRecord(value) ? value[part] : undefined;
  return value;
}

async function callFactory(factory: unknown, name: string, file: string): Promise<unknown> {
  requireCallable(factory, `the factory '${name}' of ${file}`);
  try {
    return await (factory as () => unknown)();
  } catch (cause) {
    const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new AppLoadError(`the factory ${name}() of ${file} threw: ${message}`, { cause });
  }
}

const CLASS_SOURCE = /^class\b/;

/** A class is a function that cannot be called. */
function isCallable(value: unknown): boolean {
  return typeof value === 'function' && !CLASS_SOURCE.test(Function.prototype.toString.call(value));
}

function requireCallable(value: unknown, what: string): Application {
  if (typeof value !== 'function')
    throw new AppLoadError(`${what} is not callable: it is ${kindOf(value)}`);
  if (!isCallable(value)) {
    throw new AppLoadError(
      `${what} is a class; export a function application(environ, startResponse)`,
    );
  }
  return value as Application;
}

function exportList(namespace: ModuleNamespace): string {
  const found = exportsOf(namespace);
  if (found.length === 0) return 'nothing';
  return found.map(([name, value]) => `${name} (${kindOf(value)})`).join(', ');
}

/** The first function is as good an example as any. */
function chooseHint(namespace: ModuleNamespace): string {
  const example = exportsOf(namespace).find(([, value]) => isCallable(value))?.[0];
  return example === undefined ? '' : `; name one with --callable, as --callable ${example}`;
}

/** Those of a CommonJS module are inside `default`, which is no export of its own there. */
function exportsOf(namespace: ModuleNamespace): readonly (readonly [string, unknown])[] {
  const inside = namespace['default'];
  const names = new Map(Object.entries(namespace));
  if (isRecord(inside) && !Array.isArray(inside)) {
    if (typeof inside === 'object') names.delete('default');
    for (const [name, value] of Object.entries(inside)) names.set(name, value);
  }
  names.delete('__esModule');
  names.delete('module.exports');
  return [...names];
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return value === undefined ? 'undefined' : `a ${typeof value}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}
