/**
 * From the options that name the application to the callable. Every way to fail is an AppLoadError
 * of one sentence.
 */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Application } from '../../app/types.js';
import type { Config } from '../../config/config.js';
import { AppLoadError } from '../../errors.js';
import { pickCallable } from './app-callable.js';
import {
  findModule,
  MODULE_EXTENSIONS,
  parseModuleSpecifier,
  pythonPath,
} from '../../startup/module-path.js';
import { loadError } from './load-failure.js';
import { importModule, type ModuleNamespace } from './module-import.js';
import { extendSearchPath } from './search-path.js';

export type AppOptions = Pick<Config, 'wsgiFile' | 'module' | 'callable' | 'pythonpath'>;

export interface LoadedApp {
  readonly application: Application;
  readonly file: string;
}

interface Target {
  readonly file: string;
  readonly callable: string | undefined;
}

/**
 * Loads the application that the options name. The working directory is where relative names start.
 */
export async function loadApp(options: AppOptions): Promise<LoadedApp> {
  extendSearchPath(pythonPath(options.pythonpath, process.cwd()));
  const { file, callable } = locate(options);
  const namespace = await load(file);
  return { application: await pickCallable(namespace, callable, file), file };
}

/** An application of `--mount`: a file, or a module with or without a callable. */
export async function loadNamedApp(name: string, options: AppOptions): Promise<LoadedApp> {
  const isFile = MODULE_EXTENSIONS.some((extension) => name.endsWith(extension));
  const given = { pythonpath: options.pythonpath, callable: options.callable };
  return loadApp(
    isFile
      ? { ...given, wsgiFile: name, module: undefined }
      : { ...given, wsgiFile: undefined, module: name },
  );
}

/** `--import`: modules that are there before the application. */
export async function importBefore(modules: readonly string[], options: AppOptions): Promise<void> {
  if (modules.length === 0) return;
  const directories = [...pythonPath(options.pythonpath, process.cwd()), process.cwd()];
  extendSearchPath(pythonPath(options.pythonpath, process.cwd()));
  for (const name of modules) {
    const file = findModule(name, directories);
    if (file === undefined) {
      throw new AppLoadError(
        `--import ${name}: found no file and no package of that name in ${directories.join(', ')}`,
      );
    }
    await load(file);
  }
}

function locate(options: AppOptions): Target {
  if (options.module !== undefined) return locateModule(options.module, options);
  if (options.wsgiFile !== undefined) return locateFile(options.wsgiFile, options.callable);
  throw new AppLoadError(
    'no application: name one with --wsgi-file FILE or --module MODULE:CALLABLE',
  );
}

function locateFile(name: string, callable: string | undefined): Target {
  const file = resolve(name);
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new AppLoadError(`--wsgi-file ${name}: there is no file ${file}${hintFor(file)}`);
  if (!stat.isFile()) throw new AppLoadError(`--wsgi-file ${name}: ${file} is not a file`);
  if (!MODULE_EXTENSIONS.some((extension) => file.endsWith(extension))) {
    throw new AppLoadError(
      `--wsgi-file ${name}: expected a file that ends in ${MODULE_EXTENSIONS.join(', ')}`,
    );
  }
  return { file, callable };
}

/** The same name with another extension is what was meant, mostly. */
function hintFor(file: string): string {
  const stem = file.replace(/\.[a-z]+$/, '');
  const near = MODULE_EXTENSIONS.map((extension) => stem + extension).find((path) =>
    existsSync(path),
  );
  return near === undefined ? '' : `; did you mean ${near}?`;
}

function locateModule(text: string, options: AppOptions): Target {
  const { module, callable } = parseModuleSpecifier(text);
  const directories = [...pythonPath(options.pythonpath, process.cwd()), process.cwd()];
  const file = findModule(module, directories);
  if (file === undefined) {
    throw new AppLoadError(
      `--module ${text}: found no file and no package '${module}' in ${directories.join(', ')}`,
    );
  }
  return { file, callable: callable ?? options.callable };
}

async function load(file: string): Promise<ModuleNamespace> {
  try {
    return await importModule(file);
  } catch (error) {
    throw loadError(file, error);
  }
}
