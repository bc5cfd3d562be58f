/** The package as npm would publish it, from what is built: packed once, installed once per run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempDir } from '../helpers/temp-dir.js';
import { outputOf } from '../helpers/command.js';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface PackedPackage {
  readonly tarball: string;
  /** Paths inside the package. */
  readonly files: readonly string[];
  readonly unpackedBytes: number;
}

interface PackReport {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

async function pack(): Promise<PackedPackage> {
  const directory = tempDir('tsuwsgi-pack-');
  // The suite's builds are fresh already (scripts/test.mjs); without scripts, npm prints nothing but the report.
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', directory];
  const [report] = JSON.parse(await outputOf('npm', args, { cwd: ROOT })) as PackReport[];
  if (report === undefined) throw new Error('npm pack reported nothing');
  return {
    tarball: join(directory, report.filename),
    files: report.files.map(({ path }) => path),
    unpackedBytes: report.unpackedSize,
  };
}

async function install(): Promise<string> {
  const { tarball } = await packedPackage();
  const directory = tempDir('tsuwsgi-install-');
  writeFileSync(join(directory, 'package.json'), '{ "private": true }\n');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const args = ['install', '--ignore-scripts', '--prefer-offline', ...quiet, tarball];
  await outputOf('npm', args, { cwd: directory });
  return directory;
}

let packed: Promise<PackedPackage> | undefined;
let installed: Promise<string> | undefined;

/** To be called from a before hook: the files live until the run ends. */
export function packedPackage(): Promise<PackedPackage> {
  packed ??= pack();
  return packed;
}

/** An otherwise empty project that depends on the packed package. To be called from a before hook. */
export function installedProject(): Promise<string> {
  installed ??= install();
  return installed;
}
