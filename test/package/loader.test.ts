import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { before, beforeEach, describe, it } from 'mocha';
import { tempDir } from '../helpers/temp-dir.js';
import { outputOf, runCommand, type CommandResult } from '../helpers/command.js';
import { installedProject } from './packed.js';

/** One test compiles the whole core. */
const LIMIT_MS = 600_000;
const require = createRequire(import.meta.url);
const nodeGyp = join(dirname(require.resolve('node-gyp/package.json')), 'bin/node-gyp.js');

/** Loads the addon as a worker does, and prints the file that it came from. */
const PROGRAM = `
import { readFileSync } from 'node:fs';
const { loadAddon } = await import('tsuwsgi-native-load');
try {
  loadAddon();
  const paths = new Set(readFileSync('/proc/self/maps', 'utf8').match(/\\/.*\\.node$/gm));
  console.log([...paths].join('\\n'));
} catch (error) {
  console.log(error.code, error.message);
}
`;

describe('the addon loader', function () {
  this.timeout(LIMIT_MS);

  let installed: string;
  let packageDirectory: string;

  before(async () => {
    installed = await installedProject();
  });

  beforeEach(() => {
    const project = tempDir();
    packageDirectory = join(project, 'node_modules/tsuwsgi-native');
    for (const name of ['tsuwsgi-native', 'node-gyp-build', 'node-addon-api']) {
      const from = join(installed, 'node_modules', name);
      cpSync(from, join(project, 'node_modules', name), { recursive: true });
    }
  });

  function load(env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
    const module = join(packageDirectory, 'dist/binding/load.js');
    const program = PROGRAM.replace('tsuwsgi-native-load', module);
    const args = ['--input-type=module', '--eval', program];
    // Sanitizer runs point the loader elsewhere; here it is the subject.
    const clean = { TSUWSGI_NATIVE_PREBUILD: undefined, LD_PRELOAD: undefined };
    return runCommand(process.execPath, args, { cwd: packageDirectory, env: { ...clean, ...env } });
  }

  function prebuilt(): string {
    const [platform = ''] = readdirSync(join(packageDirectory, 'prebuilds'));
    const directory = join(packageDirectory, 'prebuilds', platform);
    return join(directory, readdirSync(directory)[0] ?? '');
  }

  it('takes the prebuilt binary of the package', async () => {
    const { stdout } = await load();
    assert.equal(stdout.trim(), prebuilt());
  });

  it('prefers what was built in place', async () => {
    const built = join(packageDirectory, 'build/Release/tsuwsgi_native.node');
    mkdirSync(join(packageDirectory, 'build/Release'), { recursive: true });
    cpSync(prebuilt(), built);
    const { stdout } = await load();
    assert.equal(stdout.trim(), built);
  });

  it('says what to do where there is no binary', async () => {
    rmSync(join(packageDirectory, 'prebuilds'), { recursive: true });
    const { stdout } = await load();
    assert.match(stdout, /no native binary for linux-\w+ with Node v\d/);
    assert.match(stdout, /node-gyp rebuild/);
  });

  it('builds from the sources in the package, also with a compiler that warns of more', async () => {
    rmSync(join(packageDirectory, 'prebuilds'), { recursive: true });
    const args = [nodeGyp, '--loglevel=warn', 'rebuild'];
    const env = { CXXFLAGS: '-Waggregate-return' };
    await outputOf(process.execPath, args, { cwd: packageDirectory, env });
    const { stdout } = await load();
    assert.equal(stdout.trim(), join(packageDirectory, 'build/Release/tsuwsgi_native.node'));
  });

  it('does not take a binary for another libc', async () => {
    const other = prebuilt().includes('.musl.') ? 'glibc' : 'musl';
    const { stdout } = await load({ LIBC: other });
    assert.match(stdout, /no native binary/);
  });

  it('refuses a binary of another version', async () => {
    const path = join(packageDirectory, 'package.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify({ ...manifest, version: '99.0.0' }));
    const { stdout } = await load();
    assert.match(stdout, /is of version .*, the package of version 99\.0\.0.*node-gyp rebuild/);
  });
});
