import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch } from 'node:os';
import { basename, join, relative } from 'node:path';
import { fingerprint, listFiles } from './fingerprint.mjs';
import { buildInstrumented, instrumentedRoot, sanitizers } from './instrumented.mjs';
import { buildAddon } from './node-gyp.mjs';
import { ownPrebuild } from './prebuilds.mjs';
import { root, runOrThrow } from './run.mjs';

const require = createRequire(import.meta.url);
const inRoot = (path) => join(root, path);
const versionOf = (name) => require(`${name}/package.json`).version;
const packageJson = () => JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));

const tsc = () => require.resolve('typescript/bin/tsc');
const isNativeSource = (path) => /\.(cc|h)$/.test(path);

function nativeInputs() {
  return ['binding.gyp', 'native'].flatMap((path) =>
    listFiles(inRoot(path), (file) => file.endsWith('.gyp') || isNativeSource(file)),
  );
}

function nativeFacts() {
  const compiler = ['CC', 'CXX', 'CFLAGS', 'CXXFLAGS', 'LDFLAGS'].map(
    (name) => process.env[name] ?? '',
  );
  return [
    packageJson().version,
    versionOf('node-addon-api'),
    versionOf('node-gyp'),
    arch(),
    ...compiler,
  ];
}

/** Changes whenever a build of the addon could come out differently. */
function nativeFingerprint(facts = []) {
  return fingerprint(nativeInputs(), [...nativeFacts(), ...facts]);
}

function typescriptFingerprint() {
  const inputs = ['src', 'tsconfig.json', 'tsconfig.build.json', 'tsconfig.cjs.json'];
  return fingerprint(
    inputs.flatMap((path) => listFiles(inRoot(path))),
    [versionOf('typescript')],
  );
}

async function buildTypescript({ afresh }) {
  // tsc compares its inputs with what it remembers: output that somebody has removed or changed it would leave as it is.
  if (afresh)
    for (const memory of ['dist/.tsbuildinfo', 'dist/cjs/.tsbuildinfo'])
      rmSync(inRoot(memory), { force: true });
  await runOrThrow(process.execPath, [tsc(), '-p', 'tsconfig.build.json']);
  await runOrThrow(process.execPath, [tsc(), '-p', 'tsconfig.cjs.json']);
  await buildPage();
  writeFileSync(inRoot('dist/cjs/package.json'), '{ "type": "commonjs" }\n');
  removeOrphans();
}

/** What a browser loads: compiled for it alone, with its document and style beside it. */
async function buildPage() {
  await runOrThrow(process.execPath, [tsc(), '-p', 'src/page', '--noEmit', 'false']);
  for (const file of listFiles(inRoot('src/page'), (path) => /\.(html|css)$/.test(path)))
    cpSync(file, inRoot(join('dist/page', basename(file))));
}

/** tsc never deletes: output whose source is gone would still be loaded and packed. */
function removeOrphans() {
  for (const output of listFiles(inRoot('dist'), (file) => /\.(js|d\.ts|js\.map)$/.test(file))) {
    const source = relative(inRoot('dist'), output)
      .replace(/^cjs\//, '')
      .replace(/\.(js|d\.ts|js\.map)$/, '.ts');
    if (!existsSync(inRoot(join('src', source)))) rmSync(output);
  }
}

/**
 * prebuildify rebuilds from nothing and moves the result away, both in `build/` of its directory. It gets a directory of
 * its own that holds the finished addon, so that the one in use stays and nothing is compiled twice. Binaries that were
 * built on other machines stay: a package is published with those of all.
 */
async function buildPrebuilds() {
  await ensureBuilt('native');
  const stage = inRoot('.cache/prebuild');
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(join(stage, 'build/Release'), { recursive: true });
  for (const file of ['package.json', builds.native.output])
    cpSync(inRoot(file), join(stage, file));
  rmSync(inRoot(ownPrebuild()), { force: true });
  const options = ['--napi', '--strip', '--tag-libc', '--cwd', stage, '--out', root];
  await runOrThrow(process.execPath, [require.resolve('prebuildify/bin.js'), ...options], {
    env: { ...process.env, PREBUILD_NODE_GYP: inRoot('scripts/lib/node-gyp-built.sh') },
  });
}

/** The addon under a sanitizer, which is not the one in use. */
function instrumented([variant, sanitizer]) {
  const directory = join(relative(root, instrumentedRoot(variant)), 'build');
  const build = {
    output: join(directory, 'Release/tsuwsgi_native.node'),
    stamp: join(directory, '.stamp'),
    fingerprint: () => nativeFingerprint([sanitizer]),
    build: () => buildInstrumented(variant),
  };
  return [variant, build];
}

/** What can be built: inputs that decide whether it is stale, the file that must exist, and how. */
const builds = {
  typescript: {
    output: 'dist/cli/main.js',
    stamp: 'dist/.stamp',
    fingerprint: typescriptFingerprint,
    build: buildTypescript,
  },
  native: {
    output: 'build/Release/tsuwsgi_native.node',
    stamp: 'build/.stamp',
    fingerprint: () => nativeFingerprint(),
    build: () => buildAddon(root),
  },
  prebuilds: {
    output: ownPrebuild(),
    stamp: `${ownPrebuild()}.stamp`,
    fingerprint: () => nativeFingerprint([versionOf('prebuildify')]),
    build: buildPrebuilds,
  },
  ...Object.fromEntries(Object.entries(sanitizers).map(instrumented)),
};

export const buildNames = Object.keys(builds);

/** Builds `name` unless what is there came from exactly these inputs. */
export async function ensureBuilt(name, { force = false } = {}) {
  const { output, stamp, fingerprint: inputs, build } = builds[name];
  const wanted = inputs();
  const present = existsSync(inRoot(output));
  if (present && !force && readStamp(inRoot(stamp)) === wanted) return;
  process.stderr.write(`building ${name}\n`);
  rmSync(inRoot(stamp), { force: true });
  await build({ afresh: force || !present });
  if (!existsSync(inRoot(output))) throw new Error(`building ${name} left no ${output}`);
  // The inputs as they were before the build: an edit made meanwhile makes the result stale again.
  writeFileSync(inRoot(stamp), `${wanted}\n`);
}

function readStamp(path) {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}
