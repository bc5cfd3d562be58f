import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { availableParallelism, homedir } from 'node:os';
import { runOrThrow } from './run.mjs';

const require = createRequire(import.meta.url);

/** Builds the addon in `cwd`, every warning an error; `variables` are further ones of binding.gyp. */
export async function buildAddon(cwd, variables = []) {
  const definitions = ['tsuwsgi_strict=1', ...variables].map((variable) => `-D${variable}`);
  // What follows `--` is gyp's in `configure`, and make's in `build`.
  // `configure` keeps objects, and make compares dates and commands: only what changed is compiled again.
  await nodeGyp(['configure', '--release', '--', ...definitions], { cwd });
  await nodeGyp(['build', '--release'], { cwd });
}

/** Runs the pinned node-gyp (never a global one) in `cwd`. */
async function nodeGyp(args, { cwd }) {
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

/** The prefix of Node's headers for tools that download none: what node-gyp would take, else what it has downloaded. */
export function nodeHeadersPrefix() {
  const { npm_config_nodedir: nodedir, npm_config_devdir: devdir, XDG_CACHE_HOME } = process.env;
  const downloads = devdir ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'node-gyp');
  return nodedir ?? headersBesideNode() ?? join(downloads, process.versions.node);
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
