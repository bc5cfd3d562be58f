import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { availableParallelism } from 'node:os';
import { runOrThrow } from './run.mjs';

const require = createRequire(import.meta.url);

/** Runs the pinned node-gyp (never a global one) in `cwd`. */
export async function nodeGyp(args, { cwd }) {
  const script = join(dirname(require.resolve('node-gyp/package.json')), 'bin', 'node-gyp.js');
  await runOrThrow(process.execPath, [script, '--loglevel=warn', ...args], {
    cwd,
    env: nodeGypEnvironment(),
  });
}

/**
 * Headers: where the user says nothing (`nodedir`), those beside the running node are taken when they are of exactly
 * its version, so that an installation that carries its headers needs no network. Else node-gyp downloads them.
 */
export function nodeGypEnvironment() {
  const env = { JOBS: String(availableParallelism()), ...process.env };
  const nodedir = env.npm_config_nodedir ?? headersBesideNode();
  return nodedir ? { ...env, npm_config_nodedir: nodedir } : env;
}

function headersBesideNode() {
  const prefix = dirname(dirname(process.execPath));
  const header = join(prefix, 'include', 'node', 'node_version.h');
  if (!existsSync(header) || !existsSync(join(prefix, 'include', 'node', 'common.gypi')))
    return undefined;
  const text = readFileSync(header, 'utf8');
  const version = ['MAJOR', 'MINOR', 'PATCH'].map((part) => defined(text, `NODE_${part}_VERSION`));
  return version.join('.') === process.versions.node ? prefix : undefined;
}

function defined(text, name) {
  return new RegExp(`#define ${name} (\\d+)`).exec(text)?.[1];
}
